package cloudchamber.bench;

import cloudchamber.protocol.wire.WireMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.remote.artery.RemoteInstrument;

/** Counts the bytes this process sends to others, its own messages and those of the cluster apart. */
public final class WireCount extends RemoteInstrument {
    private static final int LENGTH_BYTES = 4;
    private static final LongAdder OWN = new LongAdder();
    private static final LongAdder CLUSTER = new LongAdder();

    /** Bytes of messages between coordinators and workers, frame headers included. */
    static long ownBytes() {
        return OWN.sum();
    }

    /** Bytes of everything else: gossip, heartbeats, the registry. */
    static long clusterBytes() {
        return CLUSTER.sum();
    }

    @Override
    public byte identifier() {
        return 17;
    }

    @Override
    public boolean serializationTimingEnabled() {
        return false;
    }

    @Override
    public void remoteMessageSent(ActorRef recipient, Object message, ActorRef sender, int size, long time) {
        (message instanceof WireMessage ? OWN : CLUSTER).add(size + LENGTH_BYTES);
    }

    @Override
    public void remoteWriteMetadata(ActorRef recipient, Object message, ActorRef sender, ByteBuffer buffer) {
        // Nothing travels with a message for this.
    }

    @Override
    public void remoteReadMetadata(ActorRef recipient, Object message, ActorRef sender, ByteBuffer buffer) {
        // Nothing was written.
    }

    @Override
    public void remoteMessageReceived(ActorRef recipient, Object message, ActorRef sender, int size, long time) {
        // Whoever sent it has counted it.
    }
}
