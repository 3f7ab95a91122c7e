package cloudchamber.coordinator.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;

/** The mean of independent values, and how far it may be from its expectation. */
public final class Sample {
    private long size;
    private double sum;
    private double squares;

    public void add(double value) {
        size++;
        sum += value;
        squares += value * value;
    }

    public double mean() {
        return sum / size;
    }

    public double deviation() {
        return Math.sqrt(Math.max(0, squares / size - mean() * mean()));
    }

    double standardError() {
        return deviation() / Math.sqrt(size);
    }

    /** Within 4 standard errors of the sample's own; and those are below {@code largest}, so that the test has power. */
    public void hasMean(double expected, double largest, String name) {
        assertThat(standardError()).as("standard error of " + name).isLessThan(largest);
        assertThat(mean()).as(name).isCloseTo(expected, within(4 * standardError() + 1e-12));
    }

    /** χ² of counts against a law. */
    public static double chiSquare(Map<String, Integer> counts, Map<String, Double> law) {
        int total = counts.values().stream().mapToInt(Integer::intValue).sum();
        double chiSquare = 0;
        for (var entry : law.entrySet()) {
            double expected = total * entry.getValue();
            double difference = counts.getOrDefault(entry.getKey(), 0) - expected;
            chiSquare += difference * difference / expected;
        }
        return law.keySet().containsAll(counts.keySet()) ? chiSquare : Double.POSITIVE_INFINITY;
    }
}
