package cloudchamber.coordinator.membership;

import cloudchamber.coordinator.membership.ClusterView.Standing;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * The membership of one life of a worker: it asks to be let in, for ever and with growing pauses, and never forms a
 * cluster. Members without any coordinator are no cluster; it leaves them.
 *
 * @param contacts {@code HOST:PORT} each, as they were given: a host name stands for all its addresses
 * @param attempts to join so far
 * @param attemptedAtMillis when it asked last; empty before the first time
 * @param lonelySinceMillis since when it is inside and no member, or its cluster has no coordinator
 */
public record WorkerMachine(
        MembershipSettings settings,
        List<String> contacts,
        int attempts,
        OptionalLong attemptedAtMillis,
        OptionalLong lonelySinceMillis) {

    /** The machine after an input, and what to do. */
    public record Step(WorkerMachine machine, Action action) {}

    public WorkerMachine {
        contacts = List.copyOf(contacts);
    }

    /** Of a node that has just started. */
    public static WorkerMachine start(MembershipSettings settings, List<String> contacts) {
        return new WorkerMachine(settings, contacts, 0, OptionalLong.empty(), OptionalLong.empty());
    }

    /** @param nowMillis of this node's own clock, which never goes back */
    public Step on(ClusterView view, long nowMillis) {
        if (view.standing() == Standing.OUTSIDE) {
            return outside(nowMillis);
        }
        boolean alone = view.coordinators().isEmpty();
        if (view.standing() == Standing.MEMBER && !alone) {
            return new Step(lonely(OptionalLong.empty()), new Action.Wait("a member"));
        }
        long since = lonelySinceMillis.orElse(nowMillis);
        var limit = alone ? settings.withoutCoordinator() : settings.undecided();
        var reason = alone ? "the cluster has no coordinator" : "the members do not agree on this node";
        return new Step(
                lonely(OptionalLong.of(since)),
                nowMillis - since >= limit.toMillis()
                        ? new Action.GoDown(reason + " for " + limit.toSeconds() + " s")
                        : new Action.Wait(reason));
    }

    private Step outside(long nowMillis) {
        if (attemptedAtMillis.isPresent() && nowMillis - attemptedAtMillis.getAsLong() < pause().toMillis()) {
            return new Step(this, new Action.Wait("asked to be let in"));
        }
        return new Step(
                new WorkerMachine(settings, contacts, attempts + 1, OptionalLong.of(nowMillis), lonelySinceMillis),
                new Action.Join(contacts));
    }

    /** After the last attempt. */
    private Duration pause() {
        long doubled = settings.firstPause().toMillis() << Math.min(Math.max(attempts - 1, 0), 20);
        return Duration.ofMillis(Math.min(doubled, settings.longestPause().toMillis()));
    }

    private WorkerMachine lonely(OptionalLong changed) {
        return new WorkerMachine(settings, contacts, attempts, attemptedAtMillis, changed);
    }
}
