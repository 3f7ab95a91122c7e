package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * Beam search over steps: each round extends N beams by one step and keeps the N/M best of those that go
 * on. Budget N; a round has N steps until fewer are left, whatever has finished.
 *
 * @param particles N, the beams alive in each round
 * @param beamWidth M, how many steps are tried after each beam kept; divides N
 * @param aggregation how step scores become the score of a text
 */
public record BeamSearchSettings(int particles, int beamWidth, Aggregation aggregation, Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "beam-search";

    public BeamSearchSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.atLeast(1, beamWidth, "method.beamWidth");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        if (particles % beamWidth != 0) {
            throw new IllegalArgumentException(
                    "method.particles must be a multiple of method.beamWidth, " + beamWidth + ": was " + particles);
        }
    }

    /** 16 beams, 4 of them kept, the best last score wins. */
    public static BeamSearchSettings standard() {
        return new BeamSearchSettings(16, 4, Aggregation.LAST, Selection.BEST_SCORE);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Allocation allocation() {
        return new Allocation(particles, 1, 1);
    }

    /** A budget below M takes M down with it. */
    @Override
    public BeamSearchSettings withBudget(int generations) {
        int width = Math.clamp(generations, 1, beamWidth);
        return new BeamSearchSettings(generations / width * width, width, aggregation, selection);
    }

    public BeamSearchSettings withParticles(int particles) {
        return new BeamSearchSettings(particles, beamWidth, aggregation, selection);
    }

    public BeamSearchSettings withBeamWidth(int beamWidth) {
        return new BeamSearchSettings(particles, beamWidth, aggregation, selection);
    }

    public BeamSearchSettings withAggregation(Aggregation aggregation) {
        return new BeamSearchSettings(particles, beamWidth, aggregation, selection);
    }

    public BeamSearchSettings withSelection(Selection selection) {
        return new BeamSearchSettings(particles, beamWidth, aggregation, selection);
    }
}
