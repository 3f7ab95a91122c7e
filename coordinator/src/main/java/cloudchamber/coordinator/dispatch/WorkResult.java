package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import java.util.List;

/** What became of a piece of work. One of the first three ends it; {@link Wasted} may come at any time. */
public sealed interface WorkResult {

    StepKey key();

    /**
     * @param numericsClass of the worker, by its id; null if that is not known any more
     * @param slotMillis how long the work held its slot
     */
    record Extended(StepKey key, Step step, Usage usage, String numericsClass, long slotMillis) implements WorkResult {
        /** Of no time that counts. */
        public Extended(StepKey key, Step step, Usage usage, String numericsClass) {
            this(key, step, usage, numericsClass, 0);
        }

        public Extended(StepKey key, Step step, Usage usage) {
            this(key, step, usage, null);
        }
    }

    /**
     * @param numericsClass of the worker, by its id; null if that is not known any more
     * @param slotMillis how long the work held its slot
     */
    record Scored(StepKey key, List<Double> logOdds, Usage usage, String numericsClass, long slotMillis)
            implements WorkResult {
        /** Of no time that counts. */
        public Scored(StepKey key, List<Double> logOdds, Usage usage, String numericsClass) {
            this(key, logOdds, usage, numericsClass, 0);
        }

        public Scored(StepKey key, List<Double> logOdds, Usage usage) {
            this(key, logOdds, usage, null);
        }
    }

    /** Given up: for good, or after {@code attempts} tries. */
    record Failed(StepKey key, Refusal refusal, int attempts) implements WorkResult {}

    /**
     * Tokens and time spent on a result that was not used.
     *
     * @param slotMillis how long the work held its slot; 0 where that is not known
     */
    record Wasted(StepKey key, Usage usage, long slotMillis) implements WorkResult {
        /** Of no time that counts. */
        public Wasted(StepKey key, Usage usage) {
            this(key, usage, 0);
        }
    }
}
