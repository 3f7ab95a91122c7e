package cloudchamber.coordinator.access;

/**
 * A token bucket: so much may be taken at once, and what was taken comes back at a steady rate. What is spent
 * before it is known may leave it below zero.
 *
 * @param level what is in it, at most the rate's capacity
 * @param atMillis when it was
 */
record Bucket(double level, long atMillis) {

    /** @param aMinute how much comes back in a minute, which is also how much there may be */
    record Rate(long aMinute) {
        private static final double MILLIS = 60_000;

        double perMillis() {
            return aMinute / MILLIS;
        }
    }

    static Bucket full(Rate rate, long nowMillis) {
        return new Bucket(rate.aMinute(), nowMillis);
    }

    /** The same later; a clock that goes back gives nothing. */
    Bucket at(Rate rate, long nowMillis) {
        long passed = Math.max(0, nowMillis - atMillis);
        return new Bucket(Math.min(rate.aMinute(), level + passed * rate.perMillis()), nowMillis);
    }

    Bucket without(double amount) {
        return new Bucket(level - amount, atMillis);
    }

    /** How long until so much is in it, in milliseconds; 0 if it is. */
    long millisUntil(Rate rate, double amount) {
        return level >= amount ? 0 : (long) Math.ceil((amount - level) / rate.perMillis());
    }
}
