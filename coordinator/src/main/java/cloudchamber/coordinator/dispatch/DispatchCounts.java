package cloudchamber.coordinator.dispatch;

import java.util.List;
import java.util.Map;

/**
 * What a dispatcher has counted since it started.
 *
 * @param durations by phase: how long pieces of work waited for a slot, and how long steps and scores took with their
 *     worker and the ways to it
 * @param retries pieces of work put back, by the reason's category
 */
public record DispatchCounts(Map<Phase, Durations> durations, Map<String, Long> retries) {
    /** Nothing yet. */
    public static final DispatchCounts NONE = new DispatchCounts(Map.of(), Map.of());

    /** A part of a step's life. */
    public enum Phase {
        WAIT,
        GENERATE,
        SCORE
    }

    /** The upper ends of the classes, in seconds, before the last, which has none. */
    public static final List<Double> BOUNDS_SECONDS =
            List.of(.005, .01, .025, .05, .1, .25, .5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0);

    /**
     * How long something took.
     *
     * @param counts by class: one more than there are {@link #BOUNDS_SECONDS}, each with those above the bound before
     * @param seconds all together
     */
    public record Durations(List<Long> counts, double seconds) {
        public Durations {
            counts = List.copyOf(counts);
        }
    }

    public DispatchCounts {
        durations = Map.copyOf(durations);
        retries = Map.copyOf(retries);
    }
}
