package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.MethodSettings;
import cloudchamber.protocol.model.ParticleFilterSettings;
import cloudchamber.protocol.model.Sampling;
import java.util.List;

/** Every method, by its settings. */
public final class Methods {
    private Methods() {}

    /** Every method as it usually runs, the usual method first. */
    public static List<MethodSettings> standard() {
        return List.of(ParticleFilterSettings.standard());
    }

    /**
     * A new run.
     *
     * @param sampling how the policy draws
     * @param limits the same that the rounds are collected under
     * @throws IllegalArgumentException if the settings ask for what the method cannot do
     */
    public static MethodRun start(MethodSettings settings, Sampling sampling, Limits limits, Answers answers) {
        return switch (settings) {
            case ParticleFilterSettings filter -> ParticleFilter.start(filter, sampling, limits, answers);
        };
    }
}
