package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.method.Aggregation;
import java.util.Arrays;

/** Makes one potential of the scores of a prefix's steps. */
@FunctionalInterface
public interface Aggregator {
    /**
     * The aggregate, as log-odds.
     *
     * @param steps log-odds of each step in order, at least one
     */
    double aggregate(double[] steps);

    /** The aggregator of a frozen id. */
    static Aggregator of(Aggregation aggregation) {
        return switch (aggregation) {
            case MODEL, LAST -> steps -> steps[steps.length - 1];
            case MIN -> steps -> Arrays.stream(steps).min().orElseThrow();
            case PRODUCT ->
                steps -> LogOdds.ofLogProbability(
                        Arrays.stream(steps).map(LogOdds::logProbability).sum());
            case MEAN ->
                steps -> {
                    double right = 0;
                    double wrong = 0;
                    for (double step : steps) {
                        right += LogOdds.probability(step);
                        wrong += LogOdds.probability(-step);
                    }
                    return StrictMath.log(right) - StrictMath.log(wrong);
                };
        };
    }
}
