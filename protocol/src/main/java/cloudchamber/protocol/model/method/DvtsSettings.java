package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * Diverse verifier tree search: N/M independent subtrees, each a greedy search with M candidates a round.
 * Budget N.
 *
 * @param particles N, the candidates of all subtrees together
 * @param beamWidth M, the candidates of a subtree in each round; divides N
 * @param aggregation how step scores become the score of a text
 */
public record DvtsSettings(int particles, int beamWidth, Aggregation aggregation, Selection selection)
        implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "dvts";

    public DvtsSettings {
        Checks.atLeast(1, particles, "method.particles");
        Checks.atLeast(1, beamWidth, "method.beamWidth");
        Checks.present(aggregation, "method.aggregation");
        Checks.present(selection, "method.selection");
        if (particles % beamWidth != 0) {
            throw new IllegalArgumentException(
                    "method.particles must be a multiple of method.beamWidth, " + beamWidth + ": was " + particles);
        }
    }

    /** 4 subtrees of 4 candidates, the best last score wins. */
    public static DvtsSettings standard() {
        return new DvtsSettings(16, 4, Aggregation.LAST, Selection.BEST_SCORE);
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
    public DvtsSettings withBudget(int generations) {
        int width = Math.clamp(generations, 1, beamWidth);
        return new DvtsSettings(generations / width * width, width, aggregation, selection);
    }

    public DvtsSettings withParticles(int particles) {
        return new DvtsSettings(particles, beamWidth, aggregation, selection);
    }

    public DvtsSettings withBeamWidth(int beamWidth) {
        return new DvtsSettings(particles, beamWidth, aggregation, selection);
    }

    public DvtsSettings withAggregation(Aggregation aggregation) {
        return new DvtsSettings(particles, beamWidth, aggregation, selection);
    }

    public DvtsSettings withSelection(Selection selection) {
        return new DvtsSettings(particles, beamWidth, aggregation, selection);
    }
}
