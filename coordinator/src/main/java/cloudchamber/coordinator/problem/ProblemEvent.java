package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.journal.Change;
import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** What happened to a problem. */
public sealed interface ProblemEvent extends JournalEvent {

    /** The version written now. */
    int SCHEMA = 2;

    record Started(int schema, ProblemSpecification specification, long atMillis) implements ProblemEvent {
        @Override
        public List<Change> changes(String entity) {
            return List.of(new Change.ProblemStarted(
                    specification.job(), specification.problem(), specification.attemptNumber(), atMillis));
        }
    }

    /**
     * A round closed, or the method found that it cannot go on.
     *
     * @param numericsClasses of the workers that served the round, by their ids; empty if that is not known
     */
    record Advanced(
            int schema,
            MethodEvent event,
            long atMillis,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses)
            implements ProblemEvent {
        public Advanced {
            numericsClasses = numericsClasses == null ? List.of() : List.copyOf(numericsClasses);
        }

        public Advanced(int schema, MethodEvent event, long atMillis) {
            this(schema, event, atMillis, List.of());
        }
    }

    /**
     * The problem reached its terminal state.
     *
     * @param failure one sentence; empty unless the problem failed
     * @param wasted what was spent and belongs to no closed round
     * @param summary what it came to; null before schema 2
     */
    record Ended(
            int schema,
            ProblemStatus status,
            String failure,
            Cost wasted,
            long atMillis,
            @JsonInclude(JsonInclude.Include.NON_NULL) Summary summary)
            implements ProblemEvent {
        @Override
        public List<Change> changes(String entity) {
            var id = ProblemId.of(entity);
            return List.of(new Change.ProblemEnded(
                    id.job(),
                    id.problem(),
                    status.end(),
                    failure.isEmpty() ? null : failure,
                    summary == null ? null : summary.result(),
                    atMillis));
        }
    }

    /**
     * What a problem came to.
     *
     * @param answer null if there is none
     * @param logEvidence in nats; null where it is not defined
     * @param cost all of it, waste included
     */
    record Summary(String answer, Double logEvidence, int rounds, Cost cost) {
        Change.Result result() {
            return new Change.Result(
                    answer,
                    logEvidence,
                    rounds,
                    cost.policyCalls(),
                    cost.prmCalls(),
                    cost.promptTokens(),
                    cost.cachedTokens(),
                    cost.completionTokens(),
                    cost.prmTokens(),
                    cost.wastedTokens(),
                    cost.policySlotMillis(),
                    cost.prmSlotMillis(),
                    cost.wastedSlotMillis());
        }
    }
}
