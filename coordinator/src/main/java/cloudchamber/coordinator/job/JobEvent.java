package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.Change;
import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** What happened to a job. */
public sealed interface JobEvent extends JournalEvent {

    /** The version written now. */
    int SCHEMA = 2;

    /** The name that the job's log shows, a part of the API. */
    default String nameInLog() {
        return switch (this) {
            case Accepted accepted -> "Accepted";
            case ProblemEnded ended -> "ProblemEnded";
            case Cancelled cancelled -> "Cancelled";
            case Retried retried -> "Retried";
            case Deleted deleted -> "Deleted";
        };
    }

    /**
     * @param specification from schema 2 on without its problems, which are stored beside the event
     * @param questions the problems, on their way there; no part of what is written
     */
    record Accepted(
            int schema,
            JobSpecification specification,
            long atMillis,
            @JsonIgnore List<JobSpecification.Question> questions)
            implements JobEvent {
        public Accepted {
            questions = questions == null ? List.of() : List.copyOf(questions);
        }

        Accepted(int schema, JobSpecification specification, long atMillis) {
            this(schema, specification, atMillis, List.of());
        }

        public static Accepted of(JobSpecification specification, long atMillis) {
            return new Accepted(SCHEMA, specification.withoutProblems(), atMillis, specification.problems());
        }

        @Override
        public List<Change> changes(String entity) {
            var stored = schema == 1 ? specification.problems() : questions;
            return List.of(new Change.JobAccepted(
                    specification.id(),
                    specification.owner(),
                    specification.count(),
                    specification.method().id(),
                    specification.policy(),
                    specification.prm(),
                    specification.labels(),
                    atMillis,
                    stored.stream()
                            .map(question -> new Change.Question(question.id(), question.prompt()))
                            .toList()));
        }
    }

    /**
     * @param index the problem's, in the order of the job; null before schema 2
     * @param numericsClasses of the workers that served it, those not known from problems before, by their ids
     */
    record ProblemEnded(
            int schema,
            String problem,
            ProblemStatus status,
            long atMillis,
            @JsonInclude(JsonInclude.Include.NON_NULL) Integer index,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses)
            implements JobEvent {
        public ProblemEnded {
            numericsClasses = numericsClasses == null ? List.of() : List.copyOf(numericsClasses);
        }

        public ProblemEnded(int schema, String problem, ProblemStatus status, long atMillis, Integer index) {
            this(schema, problem, status, atMillis, index, List.of());
        }

        @Override
        public List<Change> changes(String entity) {
            return List.of(new Change.ProblemCounted(entity, status.end(), atMillis));
        }
    }

    record Cancelled(int schema, long atMillis) implements JobEvent {
        @Override
        public List<Change> changes(String entity) {
            return List.of(new Change.JobCancelled(entity, atMillis));
        }
    }

    /** The failed problems are tried again. */
    record Retried(int schema, long atMillis) implements JobEvent {
        @Override
        public List<Change> changes(String entity) {
            return List.of(new Change.JobRetried(entity, atMillis));
        }
    }

    /** Nothing is left of the job but that it was. */
    record Deleted(int schema, long atMillis) implements JobEvent {
        @Override
        public List<Change> changes(String entity) {
            return List.of(new Change.JobDeleted(entity, Problem.persistenceIds(entity)));
        }
    }
}
