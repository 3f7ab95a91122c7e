package cloudchamber.protocol.model;

/**
 * What a problem may spend beside its generations. What it has when that is spent is its answer.
 *
 * @param tokens generated, at least 1; seen when a round closes, so that a run may end above it. Null for no limit
 * @param seconds since the problem's start, positive. Null for no limit
 */
public record Budget(Long tokens, Double seconds) {
    public Budget {
        if (tokens != null && tokens < 1) {
            throw new IllegalArgumentException("budget.tokens must be at least 1: was " + tokens);
        }
        if (seconds != null && !(seconds > 0 && seconds <= MAX_SECONDS)) {
            throw new IllegalArgumentException(
                    "budget.seconds must be above 0 and at most " + MAX_SECONDS + ": was " + seconds);
        }
    }

    /** The longest time a problem can be given, a year. */
    public static final long MAX_SECONDS = 366L * 24 * 60 * 60;
}
