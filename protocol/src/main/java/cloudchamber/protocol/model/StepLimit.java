package cloudchamber.protocol.model;

/** The limit that cut a step. */
public enum StepLimit {
    /** None: the step ended by itself. */
    NONE(false),
    /** The tokens a step may have: the particle goes on. */
    STEP_TOKENS(false),
    /** The tokens a particle may have: the particle is finished. */
    PARTICLE_TOKENS(true),
    /** The steps a particle may have: the particle is finished. */
    PARTICLE_STEPS(true),
    /** The model's context is full: the particle is finished. */
    CONTEXT(true);

    private final boolean absorbing;

    StepLimit(boolean absorbing) {
        this.absorbing = absorbing;
    }

    /** Whether a particle cut by this limit is finished. */
    public boolean absorbing() {
        return absorbing;
    }
}
