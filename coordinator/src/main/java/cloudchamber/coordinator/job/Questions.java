package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.Change;
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

    /**
     * Stores problems of a job.
     *
     * @param from the index of the first one
     */
    CompletionStage<Void> store(String job, int from, List<JobSpecification.Question> questions);

    /** The stored ones. */
    static Questions of(ReadModel journal) {
        return new Questions() {
            @Override
            public CompletionStage<List<JobSpecification.Question>> page(String job, int from, int count) {
                return journal.questions(job, from, count)
                        .thenApply(stored -> stored.stream()
                                .map(question -> new JobSpecification.Question(question.problem(), question.prompt()))
                                .toList());
            }

            @Override
            public CompletionStage<Void> store(String job, int from, List<JobSpecification.Question> questions) {
                return journal.addQuestions(
                        job,
                        from,
                        questions.stream()
                                .map(question -> new Change.Question(question.id(), question.prompt()))
                                .toList());
            }
        };
    }
}
