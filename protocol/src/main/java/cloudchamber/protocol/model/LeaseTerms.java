package cloudchamber.protocol.model;

/**
 * How long a lease lives and how often workers renew it. Both come from one setting, the same in all processes.
 *
 * @param durationMillis of a lease that is not renewed; longer than three renewals, so that two that are lost or late
 *     end none
 * @param renewalMillis the time between two renewals
 */
public record LeaseTerms(long durationMillis, long renewalMillis) {
    private static final int RENEWALS_A_LEASE = 5;
    private static final int FEWEST_RENEWALS = 3;

    public LeaseTerms {
        if (renewalMillis < 1 || durationMillis <= FEWEST_RENEWALS * renewalMillis) {
            throw new IllegalArgumentException("a lease must be longer than " + FEWEST_RENEWALS + " renewals: was "
                    + durationMillis + " ms, with a renewal every " + renewalMillis + " ms");
        }
    }

    /** The terms of leases that live so long without being renewed. */
    public static LeaseTerms of(long durationMillis) {
        return new LeaseTerms(durationMillis, durationMillis / RENEWALS_A_LEASE);
    }
}
