package cloudchamber.coordinator.method.search;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.Election;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.method.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** How a search goes on from a round's candidates: beam search, DVTS, REBASE. */
public interface Search {
    /*
     * [1] Beeching, Tunstall and Rush, "Scaling Test-Time Compute with Open Models": beam search, and diverse
     *     verifier tree search (DVTS).
     * [2] Wu et al., "Inference Scaling Laws", arXiv 2408.00724: reward-balanced search (REBASE).
     */

    /** How many trees grow side by side. */
    int chains();

    /** How many first steps a tree has. */
    int width();

    /**
     * For each step of the next round the candidate it extends; empty if the tree is over.
     *
     * @param scores of the candidates, probabilities
     * @param finished which candidates have no next step
     * @param done how many texts of this tree are finished, these candidates included
     */
    List<Integer> next(double[] scores, boolean[] finished, int done);

    /** Whether the texts of a tree are the candidates of its last round, finished or not; else all finished texts. */
    boolean lastRoundOnly();

    /** Keeps the {@code beams / beamWidth} best candidates that go on, and tries {@code beams} steps after them in turn [1]. */
    static Search beam(int beams, int beamWidth) {
        return new Search() {
            @Override
            public int chains() {
                return 1;
            }

            @Override
            public int width() {
                return beams;
            }

            @Override
            public List<Integer> next(double[] scores, boolean[] finished, int done) {
                var kept = byScore(scores)
                        .filter(candidate -> !finished[candidate])
                        .limit(beams / beamWidth)
                        .boxed()
                        .toList();
                return kept.isEmpty() || done >= beams
                        ? List.of()
                        : IntStream.range(0, beams)
                                .mapToObj(place -> kept.get(place % kept.size()))
                                .toList();
            }

            @Override
            public boolean lastRoundOnly() {
                return false;
            }
        };
    }

    /** {@code candidates / beamWidth} trees, each of which goes on from its best candidate alone [1]. */
    static Search dvts(int candidates, int beamWidth) {
        return new Search() {
            @Override
            public int chains() {
                return candidates / beamWidth;
            }

            @Override
            public int width() {
                return beamWidth;
            }

            @Override
            public List<Integer> next(double[] scores, boolean[] finished, int done) {
                int best = byScore(scores).findFirst().orElseThrow();
                return finished[best]
                        ? List.of()
                        : IntStream.range(0, beamWidth).mapToObj(place -> best).toList();
            }

            @Override
            public boolean lastRoundOnly() {
                return true;
            }
        };
    }

    /** Shares {@code width}, less what is finished, among the candidates in proportion to e^{score/temperature} [2]. */
    static Search rebase(int width, double temperature) {
        return new Search() {
            @Override
            public int chains() {
                return 1;
            }

            @Override
            public int width() {
                return width;
            }

            @Override
            public List<Integer> next(double[] scores, boolean[] finished, int done) {
                var open = byScore(scores)
                        .filter(candidate -> !finished[candidate])
                        .boxed()
                        .toList();
                var next = new ArrayList<Integer>();
                int left = width - done;
                for (int place = 0; place < open.size() && left > 0; place++) {
                    double best = scores[open.get(place)];
                    double sum = 0;
                    for (var candidate : open.subList(place, open.size())) {
                        sum += StrictMath.exp((scores[candidate] - best) / temperature);
                    }
                    /* Rounding must not turn an exact share into the next whole number. */
                    int share = Math.min(left, (int) Math.ceil(left / sum - 1e-9));
                    for (int child = 0; child < share; child++) {
                        next.add(open.get(place));
                    }
                    left -= share;
                }
                return next;
            }

            @Override
            public boolean lastRoundOnly() {
                return false;
            }
        };
    }

    /** Indices by falling score; the first first among equals. */
    private static IntStream byScore(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer candidate) -> scores[candidate])
                        .reversed())
                .mapToInt(Integer::intValue);
    }

    /**
     * The outcome among finished texts.
     *
     * @param weighed whether a text weighs its score; else all weigh alike
     */
    static Outcome outcome(
            PrefixTree tree,
            List<Integer> texts,
            boolean weighed,
            Potential potential,
            Selection selection,
            Answers answers,
            OptionalInt drawn,
            Optional<RunStopped.Reason> stopReason) {
        var log = texts.stream()
                .mapToDouble(node -> weighed ? Merit.logScore(potential, tree, node) : 0)
                .toArray();
        boolean none = log.length == 0 || LogWeights.of(log).allDead();
        var weights = none ? new double[log.length] : LogWeights.of(log).normalised();
        var election = Election.of(tree, texts, weights, answers);
        return new Outcome(
                election.particles(),
                election.posterior(),
                election.winner(selection, drawn, tree, potential),
                null,
                "the method samples no stated distribution",
                0,
                stopReason.orElse(null));
    }
}
