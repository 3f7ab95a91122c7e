package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * N whole generations without scores; the answer given most often [Wang et al. 2023]. Budget N.
 *
 * @param particles N, at least 1
 */
public record SelfConsistencySettings(int particles) implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "self-consistency";

    public SelfConsistencySettings {
        Checks.atLeast(1, particles, "method.particles");
    }

    /** 16 generations. */
    public static SelfConsistencySettings standard() {
        return new SelfConsistencySettings(16);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Allocation allocation() {
        return new Allocation(particles, 1, 1);
    }

    @Override
    public SelfConsistencySettings withBudget(int generations) {
        return withParticles(generations);
    }

    public SelfConsistencySettings withParticles(int particles) {
        return new SelfConsistencySettings(particles);
    }
}
