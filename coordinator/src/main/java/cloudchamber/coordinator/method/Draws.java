package cloudchamber.coordinator.method;

import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.coordinator.smc.Resamplers;
import java.util.random.RandomGenerator;

/** Single draws. */
public final class Draws {
    private Draws() {}

    /** A particle drawn in proportion to its weight; not all dead. */
    public static int index(LogWeights weights, RandomGenerator random) {
        return Resamplers.systematic().resample(weights, 1, random).ancestor(0);
    }
}
