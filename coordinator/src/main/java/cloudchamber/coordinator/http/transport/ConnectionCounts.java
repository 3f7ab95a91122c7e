package cloudchamber.coordinator.http.transport;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** The connections that are open, by the address they come from. */
final class ConnectionCounts {
    /** What becomes of a connection. */
    enum Fate {
        SERVED,
        /** Its first request is answered 503. */
        REFUSED,
        CLOSED
    }

    private final ConnectionLimits limits;
    private final Map<InetAddress, Integer> servedOf = new HashMap<>();
    private int served;
    private int refused;

    ConnectionCounts(ConnectionLimits limits) {
        this.limits = limits;
    }

    /** A connection has come; {@link #leave} is called once when it has gone. */
    synchronized Fate enter(InetAddress from) {
        if (served < limits.max() && !isFull(from)) {
            served++;
            servedOf.merge(from, 1, Integer::sum);
            return Fate.SERVED;
        }
        if (refused < limits.maxRefused()) {
            refused++;
            return Fate.REFUSED;
        }
        return Fate.CLOSED;
    }

    private boolean isFull(InetAddress from) {
        return limits.maxPerAddress() > 0
                && !from.isLoopbackAddress()
                && !limits.exempt().contains(from)
                && servedOf.getOrDefault(from, 0) >= limits.maxPerAddress();
    }

    synchronized void leave(InetAddress from, Fate fate) {
        switch (fate) {
            case SERVED -> {
                served--;
                servedOf.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
            }
            case REFUSED -> refused--;
            case CLOSED -> {}
        }
    }
}
