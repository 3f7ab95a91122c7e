package cloudchamber.coordinator.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Accuracy over budget: never falling, and linear in log₂ of the budget between the budgets measured.
 *
 * @param budgets (B) generations, ascending, at least 1
 * @param accuracies (B) never falling
 */
public record Curve(List<Integer> budgets, List<Double> accuracies) {
    /*
     * [1] Barlow, Bartholomew, Bremner and Brunk, "Statistical Inference under Order Restrictions", 1972: the least
     *     squares fit of a never falling sequence, by pooling neighbours that fall. More samples cannot make a
     *     sensible method worse, so what falls is taken to be noise; where it is not, the table of accuracies shows it.
     */

    public Curve {
        budgets = List.copyOf(budgets);
        accuracies = List.copyOf(accuracies);
        boolean sound = !budgets.isEmpty() && budgets.size() == accuracies.size() && budgets.getFirst() >= 1;
        for (int place = 1; sound && place < budgets.size(); place++) {
            sound = budgets.get(place) > budgets.get(place - 1) && accuracies.get(place) >= accuracies.get(place - 1);
        }
        if (!sound) {
            throw new IllegalArgumentException(
                    "a curve must have ascending budgets and accuracies that do not fall: had " + budgets + " and "
                            + accuracies);
        }
    }

    /** The curve nearest to measured accuracies, each budget with the same weight [1]. */
    public static Curve fit(List<Integer> budgets, double[] accuracies) {
        return new Curve(budgets, isotonic(accuracies));
    }

    /** The never falling sequence with the least squared distance. */
    static List<Double> isotonic(double[] values) {
        var means = new ArrayList<Double>();
        var sizes = new ArrayList<Integer>();
        for (double value : values) {
            means.add(value);
            sizes.add(1);
            while (means.size() > 1 && means.get(means.size() - 2) > means.getLast()) {
                double mean = means.removeLast();
                int size = sizes.removeLast();
                int pooled = sizes.getLast() + size;
                means.set(means.size() - 1, (means.getLast() * sizes.getLast() + mean * size) / pooled);
                sizes.set(sizes.size() - 1, pooled);
            }
        }
        var fitted = new ArrayList<Double>();
        for (int block = 0; block < means.size(); block++) {
            for (int repeat = 0; repeat < sizes.get(block); repeat++) {
                fitted.add(means.get(block));
            }
        }
        return fitted;
    }

    /** The accuracy at the largest budget. */
    public double best() {
        return accuracies.getLast();
    }

    /**
     * log₂ of the smallest budget that reaches an accuracy. Negative infinity if the smallest budget measured does
     * more than reach it: less may do. Positive infinity if no budget measured reaches it.
     */
    public double logBudget(double accuracy) {
        if (accuracies.getFirst() > accuracy) {
            return Double.NEGATIVE_INFINITY;
        }
        if (accuracies.getLast() < accuracy) {
            return Double.POSITIVE_INFINITY;
        }
        int place = 0;
        while (accuracies.get(place) < accuracy) {
            place++;
        }
        if (place == 0) {
            return log2(budgets.getFirst());
        }
        double low = accuracies.get(place - 1);
        double share = (accuracy - low) / (accuracies.get(place) - low);
        return log2(budgets.get(place - 1)) + share * (log2(budgets.get(place)) - log2(budgets.get(place - 1)));
    }

    static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }
}
