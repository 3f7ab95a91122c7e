package cloudchamber.protocol.wire;

/**
 * The answer to a {@link LeaseRequest}.
 *
 * @param reason of a refusal or an indecision, for people; empty otherwise
 */
public record LeaseReply(Outcome outcome, String reason) implements WireMessage {
    /** What became of the request. */
    public enum Outcome {
        /** The side of whoever asked survives; a renewal or release was made. */
        GRANTED,
        /** Another side survives. */
        REFUSED,
        /** Nothing is decided, for now: ask again. */
        UNDECIDED
    }

    public static LeaseReply granted() {
        return new LeaseReply(Outcome.GRANTED, "");
    }

    public static LeaseReply refused(String reason) {
        return new LeaseReply(Outcome.REFUSED, reason);
    }

    public static LeaseReply undecided(String reason) {
        return new LeaseReply(Outcome.UNDECIDED, reason);
    }
}
