package cloudchamber.coordinator.membership;

import java.time.Duration;

/**
 * The times of membership.
 *
 * @param renewal between two renewals of an entry
 * @param silence a coordinator founds a cluster when no member has renewed its entry for this long
 *     A coordinator that is a member of a cluster which the database does not know leaves it after as long
 * @param gap two answers of the database that are further apart do not show that members were silent in between
 * @param undecided a node that joined and is not a member after this long starts again
 * @param withoutCoordinator a worker whose cluster has no coordinator for this long starts again
 * @param firstPause between two attempts of a worker to join; doubles up to {@code longestPause}
 * @param leaseLifetime how long the lease of a partition's surviving side is held if it is not renewed
 */
public record MembershipSettings(
        Duration renewal,
        Duration silence,
        Duration gap,
        Duration undecided,
        Duration withoutCoordinator,
        Duration firstPause,
        Duration longestPause,
        Duration leaseLifetime) {
    private static final Duration LONGEST_LEASE = Duration.ofSeconds(5);

    public MembershipSettings {
        if (silence.compareTo(gap.plus(renewal)) <= 0) {
            throw new IllegalArgumentException(
                    "cloudchamber.membership.silence must be longer than gap and renewal: was " + silence);
        }
        if (leaseLifetime.compareTo(LONGEST_LEASE) > 0 || leaseLifetime.compareTo(renewal.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "cloudchamber.membership.lease-lifetime must be at least two renewals and at most " + LONGEST_LEASE
                            + ": was " + leaseLifetime);
        }
    }
}
