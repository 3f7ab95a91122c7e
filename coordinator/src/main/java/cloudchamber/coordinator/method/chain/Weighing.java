package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.PrefixTree;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How the particles of a pass are weighed and resampled when a round closes. */
public interface Weighing {
    /**
     * The population of {@code before} with its particles moved to {@code after}, weighed and resampled.
     * Empty if a weight is not a number.
     */
    Optional<Population> close(PrefixTree tree, Pass before, Pass after, RandomGenerator random);

    /** The pass that is ended now, its weights moved to the law it has at its end. */
    Pass ended(PrefixTree tree, Pass pass);

    /** Why the evidence is not defined; empty where it is. */
    Optional<String> noEvidence();
}
