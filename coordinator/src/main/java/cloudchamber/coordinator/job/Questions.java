package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.ReadModel;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The problems of jobs, which are too many to be kept in memory. */
public interface Questions {

    /**
     * Problems of a job in order.
     *
     * @param from the index of the first one
     * @param count at most so many
     */
    CompletionStage<List<JobSpecification.Question>> page(String job, int from, int count);

    /** The stored ones. */
    static Questions of(ReadModel journal) {
        return (job, from, count) -> journal.questions(job, from, count)
                .thenApply(stored -> stored.stream()
                        .map(question -> new JobSpecification.Question(question.problem(), question.prompt()))
                        .toList());
    }
}
