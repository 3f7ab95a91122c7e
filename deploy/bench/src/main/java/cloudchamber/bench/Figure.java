package cloudchamber.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One result.
 *
 * @param name which case this is, such as {@code S=64 cv=1}
 * @param score what is held against the goal
 * @param goal what the score should reach
 * @param ideal the best that could be, in {@code unit}
 * @param measured what was, in {@code unit}
 * @param unit of {@code ideal} and {@code measured}
 * @param seed of the draws behind it
 * @param details further numbers and texts, by name in camelCase
 */
public record Figure(
        String name,
        double score,
        Direction direction,
        double goal,
        double ideal,
        double measured,
        String unit,
        long seed,
        Map<String, Object> details) {

    /** Which way a score is better. */
    public enum Direction {
        HIGHER("higher"),
        LOWER("lower");

        private final String id;

        Direction(String id) {
            this.id = id;
        }

        /** As printed. */
        public String id() {
            return id;
        }
    }

    public Figure {
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    /** Whether the score reaches the goal. */
    public boolean met() {
        return switch (direction) {
            case HIGHER -> score >= goal;
            case LOWER -> score <= goal;
        };
    }

    /** The same with one more detail. */
    public Figure with(String detail, Object value) {
        var more = new LinkedHashMap<>(details);
        more.put(detail, value);
        return new Figure(name, score, direction, goal, ideal, measured, unit, seed, more);
    }
}
