package cloudchamber.coordinator.job;

import cloudchamber.coordinator.problem.ProblemStatus;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;

/** Those who follow one job, and what they have not been told yet. */
final class JobFollowers {
    private final Set<ActorRef<JobUpdate>> followers = new HashSet<>();
    private final Map<String, ProblemStatus> changed = new LinkedHashMap<>();

    /** @return whether it is a new one */
    boolean add(ActorRef<JobUpdate> follower) {
        return followers.add(follower);
    }

    void remove(ActorRef<JobUpdate> follower) {
        followers.remove(follower);
    }

    boolean isEmpty() {
        return followers.isEmpty();
    }

    /** A problem started or ended. */
    void changed(String problem, ProblemStatus status) {
        if (!followers.isEmpty()) {
            changed.put(problem, status);
        }
    }

    /** The first update of a follower. */
    static JobUpdate first(JobView job, Collection<String> running) {
        return new JobUpdate(
                job,
                running.stream()
                        .map(problem -> new JobUpdate.Change(problem, ProblemStatus.RUNNING))
                        .toList());
    }

    /** Tells all of what has changed since the last time. */
    void tell(JobView job) {
        var update = new JobUpdate(
                job,
                changed.entrySet().stream()
                        .map(change -> new JobUpdate.Change(change.getKey(), change.getValue()))
                        .toList());
        changed.clear();
        followers.forEach(follower -> follower.tell(update));
    }
}
