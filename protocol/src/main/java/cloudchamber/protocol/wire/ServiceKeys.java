package cloudchamber.protocol.wire;

import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/** The names under which the programs of a cluster find each other. */
public final class ServiceKeys {
    private ServiceKeys() {}

    /** Every coordinator node registers its dispatcher here; workers offer their slots to all they find. */
    public static final ServiceKey<DispatcherMessage> DISPATCHERS =
            ServiceKey.create(DispatcherMessage.class, "cloudchamber-dispatchers");
}
