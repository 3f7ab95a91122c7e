package cloudchamber.protocol.model;

import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Target;
import java.util.List;

/** Argument checks that say what was expected and what was seen. */
public final class Checks {
    private Checks() {}

    public static int atLeast(int minimum, int value, String name) {
        if (value < minimum) {
            throw new IllegalArgumentException(name + " must be at least " + minimum + ": was " + value);
        }
        return value;
    }

    public static int between(int minimum, int maximum, int value, String name) {
        if (value < minimum || value > maximum) {
            throw new IllegalArgumentException(
                    name + " must be between " + minimum + " and " + maximum + ": was " + value);
        }
        return value;
    }

    public static double between(double minimum, double maximum, double value, String name) {
        if (!(value >= minimum && value <= maximum)) {
            throw new IllegalArgumentException(
                    name + " must be between " + minimum + " and " + maximum + ": was " + value);
        }
        return value;
    }

    static double finite(double value, String name) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " must be finite: was " + value);
        }
        return value;
    }

    static String notBlank(String value, String name) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                    name + " must not be blank: was " + (value == null ? "missing" : "\"" + value + "\""));
        }
        return value;
    }

    public static <T> T present(T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must be given: was missing");
        }
        return value;
    }

    static <T> List<T> copy(List<T> values, String name) {
        return List.copyOf(present(values, name));
    }

    /** A target with a law of its own, which a method that moves or pools particles needs. */
    public static void stationary(Target target) {
        if (target == Target.PAPER || target == Target.ITS_HUB) {
            throw new IllegalArgumentException(
                    "method.target must be final, product or final-log for this method: was " + target.id());
        }
    }

    public static void fits(Target target, Aggregation aggregation) {
        if (target == Target.PRODUCT && aggregation != Aggregation.LAST) {
            throw new IllegalArgumentException(
                    "method.aggregation must be last for the target product, which uses every step's own score: was "
                            + aggregation.id());
        }
    }

    /** A scheme that has a conditional form. */
    public static void conditional(Resampling resampling) {
        if (resampling != Resampling.MULTINOMIAL && resampling != Resampling.SYSTEMATIC) {
            throw new IllegalArgumentException(
                    "method.resampling must be multinomial or systematic for this method: was " + resampling.id());
        }
    }
}
