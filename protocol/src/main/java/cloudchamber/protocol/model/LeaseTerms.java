package cloudchamber.protocol.model;

import java.time.Duration;

/**
 * How long a lease lives and how often workers renew it. Both come from one setting, the same in all processes.
 *
 * @param duration of a lease that is not renewed; longer than three renewals, so that two that are lost or late end none
 * @param renewal the time between two renewals
 */
public record LeaseTerms(Duration duration, Duration renewal) {
    private static final int RENEWALS_A_LEASE = 5;
    private static final int FEWEST_RENEWALS = 3;

    public LeaseTerms {
        if (!renewal.isPositive() || duration.compareTo(renewal.multipliedBy(FEWEST_RENEWALS)) <= 0) {
            throw new IllegalArgumentException("a lease must be longer than " + FEWEST_RENEWALS
                    + " renewals: was " + duration + ", with a renewal every " + renewal);
        }
    }

    /** The terms of leases that live so long without being renewed. */
    public static LeaseTerms of(Duration duration) {
        return new LeaseTerms(duration, duration.dividedBy(RENEWALS_A_LEASE));
    }
}
