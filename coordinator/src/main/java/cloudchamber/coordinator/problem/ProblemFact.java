package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.Population;
import java.util.List;

/** What happens to the problems of a node, published on its event stream for those who count. */
public sealed interface ProblemFact {

    /** The problem began to run on this node, or went on here. */
    record Running(String job, String problem) implements ProblemFact {}

    /**
     * A round closed.
     *
     * @param essRatios of each chain, the effective sample size over the number of particles, in (0, 1]
     * @param resamplings how many chains resampled
     * @param cost of the round
     * @param scores of the steps the round added, the PRM's probability of each, in [0, 1]
     * @param millis since the round opened on this node
     * @param storingMillis from the round's end until it was stored
     */
    record RoundClosed(
            String job,
            String problem,
            int particles,
            List<Double> essRatios,
            int resamplings,
            Cost cost,
            List<Double> scores,
            long millis,
            long storingMillis)
            implements ProblemFact {
        static RoundClosed of(
                ProblemSpecification specification, MethodEvent.RoundClosed closed, long millis, long storingMillis) {
            var populations = closed.populations();
            return new RoundClosed(
                    specification.job(),
                    specification.problem(),
                    populations.stream()
                            .mapToInt(population -> population.nodes().size())
                            .sum(),
                    populations.stream()
                            .map(population ->
                                    population.ess() / population.nodes().size())
                            .toList(),
                    (int) populations.stream().filter(Population::resampled).count(),
                    closed.cost(),
                    closed.nodes().stream()
                            .filter(node -> !node.logOdds().isEmpty())
                            .map(node -> 1 / (1 + Math.exp(-node.logOdds().getLast())))
                            .toList(),
                    millis,
                    storingMillis);
        }
    }

    /** The problem reached its terminal state. */
    record Ended(String job, String problem, ProblemStatus status) implements ProblemFact {}

    /** The problem runs on this node no more: it ended, or moved. */
    record Left(String job, String problem) implements ProblemFact {}
}
