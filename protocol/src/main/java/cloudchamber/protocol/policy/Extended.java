package cloudchamber.protocol.policy;

import cloudchamber.protocol.WireMessage;
import java.util.List;

/** Results of a worker, some of one or several {@link Extend}. */
public record Extended(String workerId, List<ExtendResult> results) implements WireMessage {
    public Extended {
        results = List.copyOf(results);
    }
}
