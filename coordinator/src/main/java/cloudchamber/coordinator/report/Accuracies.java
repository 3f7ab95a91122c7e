package cloudchamber.coordinator.report;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How often one method was right, for each budget and problem.
 *
 * @param budgets (B) generations, ascending
 * @param right (B, problems, seeds) whether each run was right
 */
public record Accuracies(List<Integer> budgets, boolean[][][] right) {

    public Accuracies {
        budgets = List.copyOf(budgets);
        if (budgets.isEmpty() || budgets.size() != right.length) {
            throw new IllegalArgumentException(
                    "each budget must have its runs: had " + budgets + " and runs of " + right.length);
        }
        int problems = right[0].length;
        if (problems == 0 || Arrays.stream(right).anyMatch(runs -> runs.length != problems)) {
            throw new IllegalArgumentException("each budget must have runs of the same problems, at least one: had "
                    + Arrays.stream(right).map(runs -> runs.length).toList());
        }
    }

    public int problems() {
        return right[0].length;
    }

    /** The accuracy at each budget on some problems, (B). */
    double[] means(int[] problems) {
        var means = new double[right.length];
        for (int budget = 0; budget < right.length; budget++) {
            means[budget] = Bootstrap.mean(shares(budget), problems);
        }
        return means;
    }

    /** The fitted curve of some problems. */
    Curve curve(int[] problems) {
        return Curve.fit(budgets, means(problems));
    }

    /** The fitted curve of all. */
    public Curve curve() {
        var all = new int[problems()];
        Arrays.setAll(all, problem -> problem);
        return curve(all);
    }

    /** The accuracy at a budget: Wilson's interval for one run a problem, else the bootstrap's. */
    public Interval accuracy(int place, Bootstrap bootstrap) {
        var runs = right[place];
        if (Arrays.stream(runs).allMatch(seeds -> seeds.length == 1)) {
            int successes = (int) Arrays.stream(runs).filter(seeds -> seeds[0]).count();
            return Interval.wilson(successes, runs.length);
        }
        var shares = shares(place);
        return bootstrap.interval(runs.length, problems -> Bootstrap.mean(shares, problems));
    }

    /** The budget, not rounded, at which the fitted curve reaches an accuracy; empty if it does not. */
    public OptionalDouble budgetToReach(double accuracy) {
        double log = curve().logBudget(accuracy);
        if (log == Double.POSITIVE_INFINITY) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(log == Double.NEGATIVE_INFINITY ? budgets.getFirst() : Math.pow(2, log));
    }

    /** The smallest budget whose paired difference to the largest is not significant; empty with one budget. */
    public OptionalInt plateau(Bootstrap bootstrap) {
        if (budgets.size() < 2) {
            return OptionalInt.empty();
        }
        for (int place = 0; place < budgets.size() - 1; place++) {
            if (!Comparison.of(right[right.length - 1], right[place], bootstrap).significant()) {
                return OptionalInt.of(budgets.get(place));
            }
        }
        return OptionalInt.of(budgets.getLast());
    }

    private double[] shares(int budget) {
        return Arrays.stream(right[budget])
                .mapToDouble(seeds -> {
                    int count = 0;
                    for (boolean run : seeds) {
                        count += run ? 1 : 0;
                    }
                    return (double) count / seeds.length;
                })
                .toArray();
    }
}
