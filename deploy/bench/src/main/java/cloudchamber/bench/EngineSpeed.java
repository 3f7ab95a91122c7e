package cloudchamber.bench;

import cloudchamber.engine.Engine;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Generation;
import cloudchamber.engine.Model;
import cloudchamber.engine.ScoreRequest;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Sampling;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** E1: tokens a second of the engine beside a loop in C on the same library, file and settings. */
final class EngineSpeed implements Benchmark {
    /*
     * Both are warm and take turns, a short block each, so that what else the machine does hits both. The C
     * loop takes the likeliest token; the engine does the same ("greedy"), or draws ("sampled"). Each block
     * continues a text of 300 tokens that is in memory, in N sequences that differ by their first token, and
     * nothing else is in memory: the loop forgets what it wrote before, the engine is a new one [1]. The
     * engine's clock starts on its own thread, where all requests are handed in before it looks for work. A
     * text that ends early is followed by another one, so that N are written all the time. A ratio is that of
     * the medians over the rounds. The ratio by processor time is given beside it: it holds on a machine that
     * does other things as well.
     *
     * [1] It would keep those texts for a while, and attention looks at all that is kept: the price of a
     *     cache, which E2 and E3 show the use of, and not of what is compared here.
     */
    private static final double GOAL = 0.95;
    private static final double SAMPLED_GOAL = 0.85;
    private static final int PREFIX_TOKENS = 300;
    private static final int CELLS = 8192;
    private static final int BATCH_TOKENS = 512;
    private static final int MOST_SEQUENCES = 64;
    private static final int LEAST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 41;
    private static final double ROUNDS_SECONDS = 4;
    private static final int READING_ROUNDS = 15;
    private static final long ANOTHER = 1L << 32;
    private static final Sampling GREEDY = Sampling.atTemperature(0);
    private static final Sampling SAMPLED = Sampling.atTemperature(0.8);

    private static final String LOOP = "loop";
    private static final String ENGINE = "engine";
    private static final String SAMPLING = "sampling engine";

    private static final List<Integer> WIDTHS = List.of(1, 8, 32, MOST_SEQUENCES);
    private static final int WARM_UP_ROUNDS = 3;
    private static final double BLOCK_SECONDS = 0.5;
    private static final int LEAST_STEPS = 8;
    private static final int MOST_STEPS = 160;
    private static final int MOST_CELLS = 6400;

    /** One number of sequences, how many tokens each writes in a block, and how many blocks count. */
    private record Width(int sequences, int steps, int rounds) {}

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
                var loop = ReferenceLoop.start(choice, file, CELLS, MOST_SEQUENCES + 1, BATCH_TOKENS, 1)) {
            var bench = new Bench(model, loop, settings.seed());
            var figures = new ArrayList<Figure>();
            output.progress("reading " + PREFIX_TOKENS + " tokens, " + library);
            figures.add(bench.reading(library));
            for (int sequences : WIDTHS) {
                output.progress("decoding " + sequences + " sequences, " + library);
                figures.addAll(bench.decoding(library, sequences));
            }
            return figures;
        }
    }

    /** A model, and a loop on the same file. */
    private record Bench(Model model, ReferenceLoop loop, long seed) {

        private Engine engine() {
            return Engine.start(
                    model,
                    model.suitableSettings()
                            .withContexts(1)
                            .withCells(CELLS)
                            .withBatchTokens(BATCH_TOKENS)
                            .withSequences(2 * MOST_SEQUENCES, MOST_SEQUENCES));
        }

        Figure reading(String library) {
            var rates = new Rates();
            for (int round = 0; round < WARM_UP_ROUNDS + READING_ROUNDS; round++) {
                var text = text(2 * round, PREFIX_TOKENS);
                rates.add(round, LOOP, PREFIX_TOKENS, Times.of(loop.read(text.toArray())));
                try (var engine = engine()) {
                    var start = Times.now();
                    engine.score(new ScoreRequest(text, Tokens.NONE, 0, 1, List.of(PREFIX_TOKENS - 1), false))
                            .join();
                    rates.add(round, ENGINE, PREFIX_TOKENS, Times.since(start));
                }
            }
            return figure(library + " reading", GOAL, rates, ENGINE);
        }

        List<Figure> decoding(String library, int sequences) {
            var rates = new Rates();
            var prefix = text(1, PREFIX_TOKENS);
            loop.read(prefix.toArray());
            var width = width(sequences);
            for (int round = 0; round < WARM_UP_ROUNDS + width.rounds(); round++) {
                int[] first = text(100 + round, sequences).toArray();
                var looped = loop.decode(first, width.steps());
                rates.add(round, LOOP, (double) sequences * width.steps(), Times.of(looped));
                write(rates, ENGINE, prefix, first, width, GREEDY, round);
                write(rates, SAMPLING, prefix, first, width, SAMPLED, round);
            }
            var name = library + " N=" + sequences;
            return List.of(figure(name, GOAL, rates, ENGINE), figure(name + " sampled", SAMPLED_GOAL, rates, SAMPLING));
        }

        private Width width(int sequences) {
            double step =
                    loop.decode(text(99, sequences).toArray(), LEAST_STEPS).seconds() / LEAST_STEPS;
            int most = Math.min(MOST_STEPS, MOST_CELLS / sequences);
            int steps = Math.clamp((long) (BLOCK_SECONDS / step), LEAST_STEPS, most);
            return new Width(
                    sequences, steps, Math.clamp((long) (ROUNDS_SECONDS / (steps * step)), LEAST_ROUNDS, MOST_ROUNDS));
        }

        private void write(
                Rates rates, String who, Tokens prefix, int[] first, Width width, Sampling sampling, int round) {
            try (var engine = engine()) {
                var end = ScoreRequest.atEnd(prefix, Tokens.NONE, 0, 1);
                engine.score(end).join();
                long before = engine.statistics().decodedTokens();
                var start = new AtomicReference<Times>();
                engine.score(end)
                        .thenCompose(ready -> {
                            start.set(Times.now());
                            var texts = IntStream.range(0, first.length)
                                    .mapToObj(index -> write(
                                            engine,
                                            prefix.plus(Tokens.of(first[index])),
                                            sampling,
                                            seed + 1000L * round + index,
                                            width.steps()))
                                    .toArray(CompletableFuture[]::new);
                            return CompletableFuture.allOf(texts);
                        })
                        .join();
                var spent = Times.since(start.get());
                rates.add(round, who, engine.statistics().decodedTokens() - before, spent);
            }
        }

        /** Writes so many tokens; where a text ends early, the rest goes into another one, which is drawn. */
        private static CompletableFuture<Generation> write(
                Engine engine, Tokens prefix, Sampling sampling, long seed, int tokens) {
            return engine.generate(new GenerateRequest(prefix, sampling, seed, List.of(), tokens))
                    .thenCompose(written -> written.drawnTokens() < tokens
                            ? write(engine, prefix, SAMPLED, seed + ANOTHER, tokens - written.drawnTokens())
                            : CompletableFuture.completedFuture(written));
        }

        /** Pseudo-random tokens that end nothing. */
        private Tokens text(long key, int size) {
            var random = new CounterRandom(seed + key);
            return Tokens.of(
                    IntStream.generate(() -> random.nextInt(model.tokenizer().vocabularySize()))
                            .filter(token -> !model.tokenizer().ends(token))
                            .limit(size)
                            .toArray());
        }

        private Figure figure(String name, double goal, Rates rates, String who) {
            double ideal = rates.median(LOOP);
            double measured = rates.median(who);
            return new Figure(
                    name,
                    measured / ideal,
                    Figure.Direction.HIGHER,
                    goal,
                    ideal,
                    measured,
                    "tokens/s",
                    seed,
                    Map.of(
                            "scoreByProcessorTime", rates.medianOfProcessor(who) / rates.medianOfProcessor(LOOP),
                            "model", model.file().getFileName().toString(),
                            "numericsClass", model.numericsClass().id()));
        }
    }

    /** Time by the clock and on processors, in seconds. */
    private record Times(double wall, double processor) {
        private static final OperatingSystemMXBean SYSTEM =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

        static Times of(ReferenceLoop.Answer answer) {
            return new Times(answer.seconds(), answer.processorSeconds());
        }

        static Times now() {
            return new Times(System.nanoTime() / 1e9, SYSTEM.getProcessCpuTime() / 1e9);
        }

        static Times since(Times start) {
            var now = now();
            return new Times(now.wall - start.wall, now.processor - start.processor);
        }
    }

    /** Rates by who reached them; the first rounds only warm up. */
    private static final class Rates {
        private final Map<String, List<Double>> byClock = new HashMap<>();
        private final Map<String, List<Double>> byProcessor = new HashMap<>();

        void add(int round, String who, double tokens, Times spent) {
            if (round >= WARM_UP_ROUNDS) {
                byClock.computeIfAbsent(who, none -> new ArrayList<>()).add(tokens / spent.wall());
                byProcessor.computeIfAbsent(who, none -> new ArrayList<>()).add(tokens / spent.processor());
            }
        }

        double median(String who) {
            return median(byClock.get(who));
        }

        double medianOfProcessor(String who) {
            return median(byProcessor.get(who));
        }

        private static double median(List<Double> rates) {
            return rates.stream().sorted().toList().get(rates.size() / 2);
        }
    }
}
