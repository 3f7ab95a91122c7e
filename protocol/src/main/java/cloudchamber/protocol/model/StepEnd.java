package cloudchamber.protocol.model;

/** Why a step ended. */
public enum StepEnd {
    /** At the step delimiter: the particle goes on. */
    STEP,
    /** At the end of the sequence, or with a final answer: the particle is finished. */
    END,
    /** At a limit, named by {@link StepLimit}. */
    TRUNCATED
}
