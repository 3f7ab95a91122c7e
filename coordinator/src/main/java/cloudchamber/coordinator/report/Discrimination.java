package cloudchamber.coordinator.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How well a PRM tells right particles from wrong ones.
 *
 * @param pooled the chance that a right particle of any problem scores above a wrong one of any problem, ties half;
 *     empty without both kinds
 * @param withinProblem the same, of pairs from one problem, which is what a method can use; empty without such pairs
 * @param calibrationError the mean distance between probability and share of right ones over ten bins, each weighted
 *     by its particles
 * @param brier the mean squared distance between probability and verdict
 * @param bins by probability, lowest first, empty ones left out
 */
public record Discrimination(
        OptionalDouble pooled, OptionalDouble withinProblem, double calibrationError, double brier, List<Bin> bins) {
    /*
     * The area under the ROC curve is the Mann–Whitney statistic: counted over pairs by ranking once.
     */
    private static final int BINS = 10;

    /** @param probability in [0, 1], the PRM's */
    public record Particle(double probability, boolean right) {}

    /** Particles of like probability: how likely they were said to be right, and how many were. */
    public record Bin(double meanProbability, double rightShare, int particles) {}

    private record Pairs(double won, double all) {
        static final Pairs NONE = new Pairs(0, 0);

        Pairs plus(Pairs other) {
            return new Pairs(won + other.won, all + other.all);
        }

        OptionalDouble share() {
            return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(won / all);
        }
    }

    /**
     * @param problems the particles of each, at least one in all
     */
    public static Discrimination of(List<List<Particle>> problems) {
        var all = problems.stream().flatMap(List::stream).toList();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("discrimination must be of at least one particle: had none");
        }
        var within = problems.stream().map(Discrimination::pairs).reduce(Pairs.NONE, Pairs::plus);
        var bins = bins(all);
        double error = bins.stream()
                .mapToDouble(bin -> Math.abs(bin.meanProbability() - bin.rightShare()) * bin.particles() / all.size())
                .sum();
        double brier = all.stream()
                .mapToDouble(particle -> {
                    double distance = particle.probability() - (particle.right() ? 1 : 0);
                    return distance * distance;
                })
                .average()
                .orElseThrow();
        return new Discrimination(pairs(all).share(), within.share(), error, brier, bins);
    }

    private static Pairs pairs(List<Particle> particles) {
        var sorted = particles.stream()
                .sorted(Comparator.comparingDouble(Particle::probability))
                .toList();
        double won = 0;
        long wrongBelow = 0;
        long right = 0;
        int place = 0;
        while (place < sorted.size()) {
            long tiedRight = 0;
            long tiedWrong = 0;
            double value = sorted.get(place).probability();
            while (place < sorted.size() && sorted.get(place).probability() == value) {
                if (sorted.get(place).right()) {
                    tiedRight++;
                } else {
                    tiedWrong++;
                }
                place++;
            }
            won += tiedRight * (wrongBelow + tiedWrong / 2.0);
            wrongBelow += tiedWrong;
            right += tiedRight;
        }
        return new Pairs(won, (double) right * wrongBelow);
    }

    private static List<Bin> bins(List<Particle> particles) {
        var sums = new double[BINS];
        var right = new int[BINS];
        var counts = new int[BINS];
        for (var particle : particles) {
            int bin = Math.clamp((int) (particle.probability() * BINS), 0, BINS - 1);
            sums[bin] += particle.probability();
            right[bin] += particle.right() ? 1 : 0;
            counts[bin]++;
        }
        var bins = new ArrayList<Bin>();
        for (int bin = 0; bin < BINS; bin++) {
            if (counts[bin] > 0) {
                bins.add(new Bin(sums[bin] / counts[bin], (double) right[bin] / counts[bin], counts[bin]));
            }
        }
        return List.copyOf(bins);
    }
}
