package cloudchamber.bench;

import java.nio.file.Path;
import java.util.Map;

/**
 * How benchmarks run.
 *
 * @param seed of every random draw
 * @param all whether to run the whole grid of cases, not just the headline's
 * @param models the files of the models there are, by name
 */
public record BenchmarkSettings(long seed, boolean all, Map<String, Path> models) {
    /** The name of the bundled policy among {@link #models}. */
    public static final String BUNDLED_POLICY = "bundled-policy";

    /** The name of the bundled PRM among {@link #models}. */
    public static final String BUNDLED_PRM = "bundled-prm";

    public BenchmarkSettings {
        models = Map.copyOf(models);
    }
}
