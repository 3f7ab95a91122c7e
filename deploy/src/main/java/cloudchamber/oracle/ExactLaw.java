package cloudchamber.oracle;

import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.method.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The law of a target over a finite language, by adding up every path.
 *
 * @param evidence Z: the sum of probability times weight over all paths
 * @param answers the normalised weight of every path, by its text
 */
public record ExactLaw(double evidence, Map<String, Double> answers) {

    /** Languages with more paths are refused. */
    public static final int MAX_PATHS = 1_000_000;

    public ExactLaw {
        answers = Collections.unmodifiableMap(new TreeMap<>(answers));
    }

    private record Prefix(List<String> path, double probability, double product) {}

    /**
     * Enumerates {@code language}.
     *
     * @throws IllegalArgumentException if there are more than {@link #MAX_PATHS} paths, the target has no
     *     law of its own, or every path has weight zero
     */
    public static ExactLaw of(FiniteLanguage language, Target target) {
        var weights = new TreeMap<String, Double>();
        double evidence = 0;
        var open = new ArrayDeque<>(List.of(new Prefix(List.of(), 1, 1)));
        while (!open.isEmpty()) {
            var prefix = open.pop();
            for (var move : language.moves(prefix.path())) {
                var path = new ArrayList<>(prefix.path());
                path.add(move.text());
                double reward = language.reward(path);
                var next = new Prefix(path, prefix.probability() * move.probability(), prefix.product() * reward);
                if (!move.last()) {
                    open.push(next);
                } else {
                    double weight = next.probability() * weight(target, reward, next.product());
                    weights.put(String.join("", path), weight);
                    evidence += weight;
                    if (weights.size() > MAX_PATHS) {
                        throw new IllegalArgumentException(
                                "the language must have at most " + MAX_PATHS + " paths to be enumerated: has more");
                    }
                }
            }
        }
        if (!(evidence > 0)) {
            throw new IllegalArgumentException("some path must have a positive weight: none has");
        }
        double total = evidence;
        weights.replaceAll((answer, weight) -> weight / total);
        return new ExactLaw(evidence, weights);
    }

    private static double weight(Target target, double lastReward, double productOfRewards) {
        return switch (target) {
            case FINAL -> lastReward / (1 - lastReward);
            case FINAL_LOG -> lastReward;
            case PRODUCT -> productOfRewards;
            case PAPER, ITS_HUB ->
                throw new IllegalArgumentException("target must be final, final-log or product for an exact law: was "
                        + target.id() + ", whose law depends on the lengths of other particles");
        };
    }
}
