package cloudchamber.coordinator.grade.algebra;

import java.util.Set;

/** The functions that are read, by the names that LaTeX and plain text share. */
public final class FunctionNames {
    private static final Set<String> NAMES = Set.of(
            "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln", "log",
            "lg", "exp", "gcd", "lcm", "max", "min", "det");

    private FunctionNames() {}

    public static boolean contains(String word) {
        return NAMES.contains(word);
    }
}
