package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.ReadModel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;

/**
 * Removes jobs that have been over for long, with all they left.
 *
 * @param stillNeeded the jobs that stay however old they are
 */
public record Retention(ReadModel kept, ClusterSharding sharding, Supplier<CompletionStage<Set<String>>> stillNeeded) {

    /**
     * What was removed, or would be.
     *
     * @param bytes of the database that are free for others now, about
     */
    public record Removed(long jobs, long problems, long bytes) {
        private Removed plus(ReadModel.EndedJob job) {
            return new Removed(jobs + 1, problems + job.problems(), bytes + job.bytes());
        }
    }

    private static final int JOBS_AT_ONCE = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * Removes one job after the other.
     *
     * @param endedBeforeMillis they were over before, in milliseconds since 1970
     * @param dryRun only counts
     */
    public CompletionStage<Removed> remove(long endedBeforeMillis, boolean dryRun) {
        return stillNeeded
                .get()
                .thenCompose(
                        needed -> remove(endedBeforeMillis, dryRun, needed, Optional.empty(), new Removed(0, 0, 0)));
    }

    private CompletionStage<Removed> remove(
            long endedBeforeMillis,
            boolean dryRun,
            Set<String> needed,
            Optional<ReadModel.EndedJob> after,
            Removed before) {
        return kept.endedJobs(endedBeforeMillis, after, JOBS_AT_ONCE).thenCompose(page -> {
            var removed = remove(page, dryRun, needed, before);
            return page.size() < JOBS_AT_ONCE
                    ? removed
                    : removed.thenCompose(
                            so -> remove(endedBeforeMillis, dryRun, needed, Optional.of(page.getLast()), so));
        });
    }

    private CompletionStage<Removed> remove(
            List<ReadModel.EndedJob> page, boolean dryRun, Set<String> needed, Removed before) {
        CompletionStage<Removed> removed = CompletableFuture.completedStage(before);
        for (var job : page) {
            if (!needed.contains(job.job())) {
                removed = removed.thenCompose(so -> dryRun
                        ? CompletableFuture.completedStage(so.plus(job))
                        : sharding.entityRefFor(Job.TYPE, job.job())
                                .<Job.ViewReply>ask(Job.Delete::new, PATIENCE)
                                // Of one that somebody has had tried again meanwhile, nothing was removed.
                                .thenApply(reply ->
                                        reply.view() == null || reply.view().endedAtMillis() != null
                                                ? so.plus(job)
                                                : so));
            }
        }
        return removed;
    }
}
