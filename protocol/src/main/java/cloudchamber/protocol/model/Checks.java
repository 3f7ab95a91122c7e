package cloudchamber.protocol.model;

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
}
