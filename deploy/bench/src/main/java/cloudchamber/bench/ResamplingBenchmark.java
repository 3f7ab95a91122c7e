package cloudchamber.bench;

import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** B6: what resampling and the books of a round cost, by JMH. */
final class ResamplingBenchmark implements Benchmark {
    @Override
    public String id() {
        return "B6";
    }

    @Override
    public String title() {
        return "Resampling and the books of a round";
    }

    @Override
    public String ideal() {
        return "A plain sum over the same 2^20 weights, which any resampler does at least: the score is the time of"
                + " systematic resampling over the time of the sum. Beside it: 64 log-weights to ancestors in at most"
                + " 1 µs, and a whole round's bookkeeping in at most 1 µs a particle.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        output.progress("timing in a JVM of its own, about 20 s");
        var nanoseconds = nanoseconds();
        double few = nanoseconds.get("fromLogWeights") / 1000;
        output.figure(new Figure(
                "N=64 from log-weights to ancestors",
                few,
                Figure.Direction.LOWER,
                1,
                1,
                few,
                "µs",
                settings.seed(),
                Map.of("particles", ResamplingJmh.FEW)));
        double books = nanoseconds.get("bookkeeping") / ResamplingJmh.PARTICLES / 1000;
        output.figure(new Figure(
                "a round's bookkeeping per particle",
                books,
                Figure.Direction.LOWER,
                1,
                1,
                books,
                "µs",
                settings.seed(),
                Map.of("particles", ResamplingJmh.PARTICLES)));
        double sum = nanoseconds.get("sum") / ResamplingJmh.MANY;
        double systematic = nanoseconds.get("systematic") / ResamplingJmh.MANY;
        return new Figure(
                "systematic, N=2^20, over a plain sum",
                systematic / sum,
                Figure.Direction.LOWER,
                8,
                sum,
                systematic,
                "ns a particle",
                settings.seed(),
                Map.of("particles", ResamplingJmh.MANY));
    }

    /** The mean time of each method of {@link ResamplingJmh}, by its name. */
    private static Map<String, Double> nanoseconds() {
        try {
            var results = new Runner(new OptionsBuilder()
                            .include("^" + ResamplingJmh.class.getName() + "\\.")
                            .verbosity(VerboseMode.SILENT)
                            .build())
                    .run();
            var nanoseconds = new HashMap<String, Double>();
            for (var result : results) {
                var name = result.getParams().getBenchmark();
                nanoseconds.put(
                        name.substring(name.lastIndexOf('.') + 1),
                        result.getPrimaryResult().getScore());
            }
            return nanoseconds;
        } catch (RunnerException failed) {
            throw new BenchmarkFailure(
                    "JMH must be able to run " + ResamplingJmh.class.getName() + ": " + failed.getMessage());
        }
    }
}
