package cloudchamber.protocol.model.method;

/**
 * A method and everything it can be told, one record per method. Flat: every component is a number, a
 * flag, an enum with an id, or a {@link TemperatureSchedule}.
 */
public sealed interface MethodSettings
        permits GreedySettings,
                SelfConsistencySettings,
                BestOfNSettings,
                WeightedBestOfNSettings,
                BeamSearchSettings,
                DvtsSettings,
                RebaseSettings,
                ParticleFilterSettings,
                ParticleGibbsSettings,
                ParallelTemperingSettings,
                IslandsSettings,
                EntropicParticleFilterSettings {
    /** The method's frozen name in JSON, on the command line and in events. */
    String id();

    /** How its budget is spent. */
    Allocation allocation();

    /** How many generations the method stands for: particles × iterations × chains. */
    default int budget() {
        return allocation().generations();
    }

    /**
     * The same method with its particles chosen so that {@link #budget} is at most {@code generations}, as
     * close as whole particles allow.
     *
     * @throws IllegalArgumentException if that leaves too few particles
     */
    MethodSettings withBudget(int generations);
}
