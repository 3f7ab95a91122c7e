package cloudchamber.coordinator.access;

/**
 * What a tenant uses, as one node knows it. A limit that is 0 leaves its bucket as it is.
 *
 * @param inFlight requests that are being answered
 */
public record TenantUse(Bucket requests, Bucket tokens, int inFlight) {

    /** Whether a request may be answered. */
    public sealed interface Decision {
        record Admitted() implements Decision {}

        /** @param retryMillis when there may be enough */
        record Refused(Limited by, long limit, long retryMillis) implements Decision {}
    }

    /** What there can be too much of. */
    public enum Limited {
        REQUESTS("requests a minute"),
        TOKENS("tokens a minute"),
        IN_FLIGHT("requests at once");

        private final String unit;

        Limited(String unit) {
            this.unit = unit;
        }

        public String unit() {
            return unit;
        }
    }

    /** A decision, and the use after it. */
    record Decided(Decision decision, TenantUse after) {}

    private static final long SLOT_RETRY_MILLIS = 1000;

    static TenantUse none(TenantLimit limit, long nowMillis) {
        return new TenantUse(
                Bucket.full(rate(limit.requestsPerMinute()), nowMillis),
                Bucket.full(rate(limit.tokensPerMinute()), nowMillis),
                0);
    }

    /**
     * Decides on a request. One that is refused counts for nothing.
     *
     * @param spends whether it has tokens read or generated
     */
    Decided admit(TenantLimit limit, boolean spends, long nowMillis) {
        var now = new TenantUse(
                requests.at(rate(limit.requestsPerMinute()), nowMillis),
                tokens.at(rate(limit.tokensPerMinute()), nowMillis),
                inFlight);
        return now.decide(limit, spends);
    }

    private Decided decide(TenantLimit limit, boolean spends) {
        if (limit.inFlight() > 0 && inFlight >= limit.inFlight()) {
            return refused(Limited.IN_FLIGHT, limit.inFlight(), SLOT_RETRY_MILLIS);
        }
        if (limit.requestsPerMinute() > 0 && requests.level() < 1) {
            return refused(
                    Limited.REQUESTS,
                    limit.requestsPerMinute(),
                    requests.millisUntil(rate(limit.requestsPerMinute()), 1));
        }
        if (spends && limit.tokensPerMinute() > 0 && tokens.level() < 1) {
            return refused(
                    Limited.TOKENS, limit.tokensPerMinute(), tokens.millisUntil(rate(limit.tokensPerMinute()), 1));
        }
        return new Decided(
                new Decision.Admitted(),
                new TenantUse(limit.requestsPerMinute() > 0 ? requests.without(1) : requests, tokens, inFlight + 1));
    }

    private Decided refused(Limited by, long limit, long retryMillis) {
        return new Decided(new Decision.Refused(by, limit, retryMillis), this);
    }

    /** A request was answered. */
    TenantUse released() {
        return new TenantUse(requests, tokens, inFlight - 1);
    }

    /** Tokens were read or generated. */
    TenantUse spent(TenantLimit limit, long amount, long nowMillis) {
        return new TenantUse(
                requests, tokens.at(rate(limit.tokensPerMinute()), nowMillis).without(amount), inFlight);
    }

    private static Bucket.Rate rate(long aMinute) {
        return new Bucket.Rate(aMinute);
    }
}
