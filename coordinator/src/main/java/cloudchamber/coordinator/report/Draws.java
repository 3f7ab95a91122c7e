package cloudchamber.coordinator.report;

import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What independent generations of one problem say of smaller numbers of them.
 *
 * @param groups (n) the group of equal answers each generation belongs to; -1 for none
 * @param weights (n) the vote of each in a weighted vote, at least 0
 * @param right (n) whether its answer is right
 */
public record Draws(List<Integer> groups, List<Double> weights, List<Boolean> right) {
    /*
     * [1] Chen et al., "Evaluating Large Language Models Trained on Code", 2021, §2.1: of n generations with c
     *     right ones, 1 − C(n − c, k) / C(n, k) is an unbiased estimate of the chance that one of k is right.
     * [2] A vote has no such closed form. The n generations are cut into ⌊n / k⌋ blocks of k in their order; the
     *     mean over blocks is unbiased, for every block is k independent generations. The rest is left out.
     */

    public Draws {
        groups = List.copyOf(groups);
        weights = List.copyOf(weights);
        right = List.copyOf(right);
        if (groups.isEmpty() || groups.size() != weights.size() || groups.size() != right.size()) {
            throw new IllegalArgumentException("generations must have a group, a weight and a verdict each: had "
                    + groups.size() + ", " + weights.size() + " and " + right.size());
        }
    }

    /** n. */
    public int size() {
        return groups.size();
    }

    /** The unbiased pass@k [1] of {@code right} right ones among {@code total}. */
    public static double passAtK(int total, int right, int k) {
        if (k < 1 || k > total || right < 0 || right > total) {
            throw new IllegalArgumentException(
                    "k must be in [1, n] and the right ones in [0, n]: were " + k + " and " + right + " of " + total);
        }
        double allWrong = 1;
        for (int place = 0; place < k; place++) {
            allWrong *= Math.max(0, (double) (total - right - place) / (total - place));
        }
        return 1 - allWrong;
    }

    public double passAtK(int k) {
        return passAtK(size(), (int) right.stream().filter(verdict -> verdict).count(), k);
    }

    /** The chance that the answer most of k generations give is right [2]; the first seen wins a tie. */
    public double majorityAtK(int k) {
        return voteAtK(k, false);
    }

    /** The same where each generation's vote has its weight. */
    public double weightedAtK(int k) {
        return voteAtK(k, true);
    }

    private double voteAtK(int k, boolean weighted) {
        if (k < 1 || k > size()) {
            throw new IllegalArgumentException("k must be in [1, " + size() + "]: was " + k);
        }
        int blocks = size() / k;
        return IntStream.range(0, blocks)
                        .filter(block -> elected(block * k, block * k + k, weighted))
                        .count()
                / (double) blocks;
    }

    /** Whether the generations in [from, until) elect a right answer. */
    private boolean elected(int from, int until, boolean weighted) {
        var votes = new HashMap<Integer, Double>();
        int winner = -1;
        for (int place = from; place < until; place++) {
            if (groups.get(place) >= 0) {
                votes.merge(groups.get(place), weighted ? weights.get(place) : 1, Double::sum);
            }
        }
        for (int place = from; place < until; place++) {
            if (groups.get(place) >= 0
                    && (winner < 0 || votes.get(groups.get(place)) > votes.get(groups.get(winner)))) {
                winner = place;
            }
        }
        return winner >= 0 && right.get(winner);
    }
}
