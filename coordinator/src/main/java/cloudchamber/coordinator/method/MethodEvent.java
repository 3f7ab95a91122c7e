package cloudchamber.coordinator.method;

import java.util.List;

/** What happened to a run, in the past tense. Replaying its events rebuilds a run exactly. */
public sealed interface MethodEvent {
    /**
     * A round is whole and was weighed.
     *
     * @param nodes what it added to the prefix tree
     * @param populations one for each chain that took part
     * @param choices what was drawn beside the resamplings
     */
    record RoundClosed(int round, List<Node> nodes, List<Population> populations, List<Choice> choices, Cost cost)
            implements MethodEvent {
        public RoundClosed {
            nodes = List.copyOf(nodes);
            populations = List.copyOf(populations);
            choices = List.copyOf(choices);
        }
    }

    /**
     * The run cannot go on.
     *
     * @param detail one sentence: what was expected, what was seen, where
     */
    record RunFailed(Category category, String detail) implements MethodEvent {

        /** The kinds of trouble a run can have with its weights. */
        public enum Category {
            /** Every particle has weight zero: the evidence estimate is 0 and there is no posterior. */
            ALL_PARTICLES_DEAD,
            /** A weight is not a number, or is infinite. */
            WEIGHT_INVALID
        }
    }

    /**
     * The run ended before its last round.
     *
     * @param detail one sentence: what was expected, what was seen, where
     * @param choices what was drawn for the answer
     * @param temperature the last softmax temperature of a schedule that the run had not come to, which the weights
     *     were moved to; null where they stayed as they were
     */
    record RunStopped(Reason reason, String detail, List<Choice> choices, Double temperature) implements MethodEvent {
        /** A stop that leaves the weights as they were. */
        public RunStopped(Reason reason, String detail, List<Choice> choices) {
            this(reason, detail, choices, null);
        }

        public RunStopped {
            choices = List.copyOf(choices);
        }

        /** Why a run ends early. */
        public enum Reason {
            /** Its tokens are spent: its particles count as they stand. */
            TOKEN_BUDGET,
            /** Its time is over: only chains and passes that are finished count. */
            DEADLINE,
            /** No particle that goes on can change the vote any more. */
            CERTIFICATE
        }
    }
}
