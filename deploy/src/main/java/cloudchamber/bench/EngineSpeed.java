package cloudchamber.bench;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Model;
import cloudchamber.engine.ScoreRequest;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.binding.ReferenceLoop;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Sampling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** E1: tokens a second of the engine beside a loop in C on the same library, file and settings. */
final class EngineSpeed implements Benchmark {
    /*
     * Both are warm and take turns, a short block each, so that what else the machine does hits both. The C
     * loop takes the likeliest token; the engine does the same ("greedy"), or draws ("sampled"). Each block
     * continues a text of 300 tokens that is in memory, in N sequences that differ by their first token. A
     * ratio is that of the medians over the rounds.
     */
    private static final double GOAL = 0.95;
    private static final double SAMPLED_GOAL = 0.85;
    private static final int PREFIX_TOKENS = 300;
    private static final int CELLS = 8192;
    private static final int BATCH_TOKENS = 512;
    private static final int MOST_SEQUENCES = 64;
    private static final int ROUNDS = 5;
    private static final Sampling GREEDY = Sampling.atTemperature(0);
    private static final Sampling SAMPLED = Sampling.atTemperature(0.8);

    /** One number of sequences, and how many tokens each writes in a block. */
    private record Width(int sequences, int steps) {}

    private static final List<Width> WIDTHS =
            List.of(new Width(1, 64), new Width(8, 24), new Width(32, 10), new Width(MOST_SEQUENCES, 6));

    @Override
    public String id() {
        return "E1";
    }

    @Override
    public String title() {
        return "Speed of the engine: decoding 1, 8, 32 and 64 sequences, and reading";
    }

    @Override
    public String ideal() {
        return "A loop in C on the same library, file and settings; the score is the engine's tokens a second over the"
                + " loop's, the smallest of all cases without sampling.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        if (!ReferenceLoop.canBeCompiled()) {
            throw new BenchmarkFailure("a C compiler, cc, is needed for the loop to compare with: there is none");
        }
        var file = EngineLibraries.model(settings, output);
        Figure worst = null;
        for (var library : EngineLibraries.all(output).entrySet()) {
            for (var figure : measure(library.getKey(), library.getValue(), file, settings, output)) {
                output.figure(figure);
                if (!figure.name().contains("sampled") && (worst == null || figure.score() < worst.score())) {
                    worst = figure;
                }
            }
        }
        return worst;
    }

    private static List<Figure> measure(
            String library, LibraryChoice choice, Path file, BenchmarkSettings settings, BenchmarkOutput output) {
        try (var model = Model.load(file, choice);
                var engine = Engine.start(
                        model,
                        EngineSettings.DEFAULT
                                .withCells(CELLS)
                                .withBatchTokens(BATCH_TOKENS)
                                .withSequences(2 * MOST_SEQUENCES, MOST_SEQUENCES));
                var loop = ReferenceLoop.start(choice, file, CELLS, MOST_SEQUENCES + 1, BATCH_TOKENS, 1)) {
            var bench = new Bench(model, engine, loop, settings.seed());
            var figures = new ArrayList<Figure>();
            output.progress("reading " + PREFIX_TOKENS + " tokens, " + library);
            figures.add(bench.reading(library));
            for (var width : WIDTHS) {
                output.progress("decoding " + width.sequences() + " sequences, " + library);
                figures.addAll(bench.decoding(library, width));
            }
            return figures;
        }
    }

    /** An engine and a loop on the same file. */
    private record Bench(Model model, Engine engine, ReferenceLoop loop, long seed) {

        Figure reading(String library) {
            var rates = new Rates();
            for (int round = 0; round <= ROUNDS; round++) {
                var text = text(2 * round, PREFIX_TOKENS);
                double inC = PREFIX_TOKENS / loop.read(text.toArray()).seconds();
                long start = System.nanoTime();
                engine.score(new ScoreRequest(text, Tokens.NONE, 0, 1, List.of(PREFIX_TOKENS - 1), false))
                        .join();
                rates.add(round, "loop", inC);
                rates.add(round, "engine", PREFIX_TOKENS / seconds(start));
            }
            return figure(library + " reading", GOAL, rates.median("loop"), rates.median("engine"));
        }

        List<Figure> decoding(String library, Width width) {
            var rates = new Rates();
            var prefix = text(1, PREFIX_TOKENS);
            loop.read(prefix.toArray());
            engine.score(ScoreRequest.atEnd(prefix, Tokens.NONE, 0, 1)).join();
            for (int round = 0; round <= ROUNDS; round++) {
                int[] first = text(100 + round, width.sequences()).toArray();
                double decoded = (double) width.sequences() * width.steps();
                rates.add(round, "loop", decoded / loop.decode(first, width.steps()).seconds());
                rates.add(round, "greedy", written(prefix, first, width, GREEDY, round));
                rates.add(round, "sampled", written(prefix, first, width, SAMPLED, round));
            }
            var name = library + " N=" + width.sequences();
            return List.of(
                    figure(name, GOAL, rates.median("loop"), rates.median("greedy")),
                    figure(name + " sampled", SAMPLED_GOAL, rates.median("loop"), rates.median("sampled")));
        }

        /** Tokens a second of the engine; a text that ends early counts with what it decoded. */
        private double written(Tokens prefix, int[] first, Width width, Sampling sampling, int round) {
            long before = engine.statistics().decodedTokens();
            long start = System.nanoTime();
            var texts = IntStream.range(0, first.length)
                    .mapToObj(index -> engine.generate(new GenerateRequest(
                            prefix.plus(Tokens.of(first[index])),
                            sampling,
                            seed + 1000L * round + index,
                            List.of(),
                            width.steps())))
                    .toList();
            texts.forEach(text -> text.join());
            return (engine.statistics().decodedTokens() - before) / seconds(start);
        }

        /** Pseudo-random tokens that end nothing. */
        private Tokens text(long key, int size) {
            var random = new CounterRandom(seed + key);
            return Tokens.of(IntStream.generate(() -> random.nextInt(model.tokenizer().vocabularySize()))
                    .filter(token -> !model.tokenizer().ends(token))
                    .limit(size)
                    .toArray());
        }

        private Figure figure(String name, double goal, double ideal, double measured) {
            return new Figure(
                    name,
                    measured / ideal,
                    Figure.Direction.HIGHER,
                    goal,
                    ideal,
                    measured,
                    "tokens/s",
                    seed,
                    Map.of("model", model.file().getFileName().toString(), "numericsClass", model.numericsClass().id()));
        }

        private static double seconds(long start) {
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** Rates by who reached them; the first round only warms up. */
    private static final class Rates {
        private final Map<String, List<Double>> rates = new LinkedHashMap<>();

        void add(int round, String who, double rate) {
            if (round > 0) {
                rates.computeIfAbsent(who, none -> new ArrayList<>()).add(rate);
            }
        }

        double median(String who) {
            var sorted = rates.get(who).stream().sorted().toList();
            return sorted.get(sorted.size() / 2);
        }
    }
}
