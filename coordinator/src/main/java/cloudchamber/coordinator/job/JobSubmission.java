package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.StorageException;
import cloudchamber.protocol.wire.WireLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;

/**
 * Hands jobs over. The transport drops a message that is too large without a word to anyone, so the problems of a large
 * job go before it, in pieces, and the job stores them.
 */
public final class JobSubmission {
    private static final int MAX_PROBLEMS_IN_A_MESSAGE = 1000;
    /** With more problems a job is asked first whether it was accepted before. */
    private static final int MAX_PROBLEMS_AT_ONCE = 100;

    private JobSubmission() {}

    /** A part of a job's problems. */
    private record Piece(int from, List<JobSpecification.Question> questions) {}

    /**
     * Has a job accepted, or answer that it was.
     *
     * @param patience how long the job may take to answer each message
     */
    public static CompletionStage<Job.ViewReply> submit(
            EntityRef<Job.Command> job, JobSpecification specification, Duration patience) {
        var pieces = pieces(specification.problems());
        if (specification.problems().size() <= MAX_PROBLEMS_AT_ONCE && pieces.size() <= 1) {
            return accept(job, specification, patience);
        }
        return job.<Job.ViewReply>ask(Job.GetView::new, patience)
                .thenCompose(reply -> reply.view() != null
                        ? accept(job, specification.withoutProblems(), patience)
                        : store(job, pieces, patience)
                                .thenCompose(stored -> accept(job, specification.withoutProblems(), patience)));
    }

    private static CompletionStage<Job.ViewReply> accept(
            EntityRef<Job.Command> job, JobSpecification specification, Duration patience) {
        return job.ask(replyTo -> new Job.Submit(specification, replyTo), patience);
    }

    private static CompletionStage<Void> store(EntityRef<Job.Command> job, List<Piece> pieces, Duration patience) {
        CompletionStage<Void> stored = CompletableFuture.completedStage(null);
        for (var piece : pieces) {
            stored = stored.thenCompose(before -> job.<Job.Stored>ask(
                            replyTo -> new Job.Store(piece.from(), piece.questions(), replyTo), patience))
                    .thenAccept(reply -> {
                        if (reply.failure() != null) {
                            throw new StorageException(reply.failure());
                        }
                    });
        }
        return stored;
    }

    private static List<Piece> pieces(List<JobSpecification.Question> questions) {
        var pieces = new ArrayList<Piece>();
        int from = 0;
        long bytes = 0;
        for (int next = 0; next < questions.size(); next++) {
            long size = WireLimits.bytes(questions.get(next).prompt(), List.of());
            if (next > from
                    && (bytes + size > WireLimits.MAX_BATCH_BYTES || next - from == MAX_PROBLEMS_IN_A_MESSAGE)) {
                pieces.add(new Piece(from, questions.subList(from, next)));
                from = next;
                bytes = 0;
            }
            bytes += size;
        }
        if (from < questions.size()) {
            pieces.add(new Piece(from, questions.subList(from, questions.size())));
        }
        return pieces;
    }
}
