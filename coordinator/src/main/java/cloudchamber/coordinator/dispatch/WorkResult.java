package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import java.util.List;

/** What became of a piece of work. One of the first three ends it; {@link Wasted} may come at any time. */
public sealed interface WorkResult {

    StepKey key();

    /** @param slotMillis how long the work held its slot */
    record Extended(StepKey key, Step step, Usage usage, long slotMillis) implements WorkResult {
        /** Of no time that counts. */
        public Extended(StepKey key, Step step, Usage usage) {
            this(key, step, usage, 0);
        }
    }

    /** @param slotMillis how long the work held its slot */
    record Scored(StepKey key, List<Double> logOdds, Usage usage, long slotMillis) implements WorkResult {
        /** Of no time that counts. */
        public Scored(StepKey key, List<Double> logOdds, Usage usage) {
            this(key, logOdds, usage, 0);
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
