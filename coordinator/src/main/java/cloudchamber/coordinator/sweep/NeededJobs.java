package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.journal.ReadModel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;

/** The jobs of sweeps that are not over: nobody else may remove them. */
public final class NeededJobs {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private NeededJobs() {}

    /** Their ids. */
    public static CompletionStage<Set<String>> of(ReadModel kept, ClusterSharding sharding) {
        return kept.entities(Sweep.TYPE.name()).thenCompose(sweeps -> {
            CompletionStage<Set<String>> needed = CompletableFuture.completedStage(new HashSet<>());
            for (var sweep : sweeps) {
                needed = needed.thenCombine(
                        sharding.entityRefFor(Sweep.TYPE, sweep).<Sweep.ViewReply>ask(Sweep.GetView::new, PATIENCE),
                        (jobs, reply) -> {
                            if (reply.view() != null && isOpen(reply.view().status())) {
                                reply.view().jobs().forEach(job -> jobs.add(job.id()));
                            }
                            return jobs;
                        });
            }
            return needed;
        });
    }

    private static boolean isOpen(SweepStatus status) {
        return switch (status) {
            case RUNNING, PAUSED -> true;
            case CANCELLED, ENDED -> false;
        };
    }
}
