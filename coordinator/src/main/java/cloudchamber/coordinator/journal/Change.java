package cloudchamber.coordinator.journal;

import cloudchamber.protocol.model.Prompt;
import java.util.List;
import java.util.Map;

/** What an event changes in the read model. Times are in milliseconds since 1970. */
public sealed interface Change {

    /** @param questions the job's problems in order; empty if they were stored before */
    record JobAccepted(
            String job,
            String tenant,
            int total,
            String method,
            String policy,
            String prm,
            Map<String, String> labels,
            long atMillis,
            List<Question> questions)
            implements Change {
        public JobAccepted {
            labels = Map.copyOf(labels);
            questions = List.copyOf(questions);
        }
    }

    record Question(String problem, Prompt prompt) {}

    /** One more problem of a job is over. */
    record ProblemCounted(String job, End end, long atMillis) implements Change {}

    record JobCancelled(String job, long atMillis) implements Change {}

    /** The failed problems of a job wait again. */
    record JobRetried(String job, long atMillis) implements Change {}

    /**
     * Nothing is left of a job.
     *
     * @param problems with what the persistence ids of its problems begin, whose events go as well
     */
    record JobDeleted(String job, String problems) implements Change {}

    record ProblemStarted(String job, String problem, int attempt, long atMillis) implements Change {}

    /**
     * @param failure null unless it failed
     * @param result null if it has none
     */
    record ProblemEnded(String job, String problem, End end, String failure, Result result, long atMillis)
            implements Change {}

    /** How a problem ends. */
    enum End {
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    /**
     * What a problem came to.
     *
     * @param answer null if there is none
     * @param logEvidence in nats; null where it is not defined
     */
    record Result(
            String answer,
            Double logEvidence,
            int rounds,
            long policyCalls,
            long prmCalls,
            long promptTokens,
            long cachedTokens,
            long completionTokens,
            long prmTokens,
            long wastedTokens,
            long policySlotMillis,
            long prmSlotMillis,
            long wastedSlotMillis) {}
}
