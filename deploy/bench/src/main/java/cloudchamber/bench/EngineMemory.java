package cloudchamber.bench;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.Model;
import cloudchamber.engine.ScoreRequest;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.protocol.model.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** E3: what a fork saves, and what a model costs to load, to hold and to run exactly. */
final class EngineMemory implements Benchmark {
    private static final double GOAL = 20;
    private static final int CHILDREN = 64;
    private static final int PREFIX_TOKENS = 300;
    private static final int CELLS = 8192;
    private static final int BATCH_TOKENS = 512;
    private static final int DEFAULT_MICRO_BATCH = 512;
    private static final int ROUNDS = 3;

    @Override
    public String id() {
        return "E3";
    }

    @Override
    public String title() {
        return "Forks: " + CHILDREN + " children of a text of " + PREFIX_TOKENS
                + " tokens; loading, memory and the cost of exact mode";
    }

    @Override
    public String ideal() {
        return "Reading the text once; the score is the time of reading it " + CHILDREN
                + " times over the time of reading it once and forking it (each child then reads one token of its own).";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        var file = EngineLibraries.model(settings, output);
        Figure worst = null;
        for (var library : EngineLibraries.all(output).entrySet()) {
            output.progress("forking, " + library.getKey());
            var figure = measure(library.getKey(), library.getValue(), file, settings.seed());
            if (ReferenceLoop.canBeCompiled()) {
                output.progress("reading with and without exact mode, " + library.getKey());
                figure = figure.with("exactModeCost", exactModeCost(library.getValue(), file, settings.seed()));
            }
            output.figure(figure);
            worst = worst == null || figure.score() < worst.score() ? figure : worst;
        }
        return worst;
    }

    private static Figure measure(String library, LibraryChoice choice, Path file, long seed) {
        long loading = System.nanoTime();
        try (var model = Model.load(file, choice)) {
            double loadMillis = (System.nanoTime() - loading) / 1e6;
            long before = residentBytes();
            try (var engine = Engine.start(
                    model,
                    EngineSettings.DEFAULT
                            .withCells(CHILDREN * (PREFIX_TOKENS + 20) / 256 * 256)
                            .withSequences(2 * CHILDREN, CHILDREN))) {
                double forked = 0;
                double read = 0;
                long cells = 0;
                for (int round = 0; round <= ROUNDS; round++) {
                    var prefix = text(model, seed + round, PREFIX_TOKENS);
                    double once = seconds(engine, List.of(prefix));
                    double children = seconds(
                            engine,
                            IntStream.range(0, CHILDREN)
                                    .mapToObj(child -> prefix.plus(Tokens.of(first(model) + child)))
                                    .toList());
                    cells = Math.max(cells, engine.statistics().usedCells());
                    int key = 1000 * (round + 1);
                    double apart = seconds(
                            engine,
                            IntStream.range(0, CHILDREN / 8)
                                    .mapToObj(child -> text(model, seed + key + child, PREFIX_TOKENS + 1))
                                    .toList());
                    if (round > 0) {
                        forked += once + children;
                        read += 8 * apart;
                    }
                }
                return new Figure(
                        library + " " + CHILDREN + " children",
                        read / forked,
                        Figure.Direction.HIGHER,
                        GOAL,
                        forked / ROUNDS,
                        read / ROUNDS,
                        "s",
                        seed,
                        Map.of(
                                "model", file.getFileName().toString(),
                                "loadMillis", loadMillis,
                                "modelBytes", size(file),
                                "bytesPerToken", model.bytesPerToken(),
                                "bytesPerChild", model.bytesPerToken(),
                                "bytesPerSeparateText", model.bytesPerToken() * (PREFIX_TOKENS + 1),
                                "residentBytesGrowth", residentBytes() - before));
            }
        }
    }

    private static double seconds(Engine engine, List<Tokens> texts) {
        long start = System.nanoTime();
        texts.stream()
                .map(text -> engine.score(ScoreRequest.atEnd(text, Tokens.NONE, 0, 1)))
                .toList()
                .forEach(score -> score.join());
        return (System.nanoTime() - start) / 1e9;
    }

    /** How much more processor time reading takes with micro-batches of 32 tokens than with the library's 512, as a part. */
    private static double exactModeCost(LibraryChoice choice, Path file, long seed) {
        try (var model = Model.load(file, choice);
                var exact = ReferenceLoop.start(choice, file, CELLS, 2, BATCH_TOKENS, 1);
                var usual = ReferenceLoop.start(choice, file, CELLS, 2, BATCH_TOKENS, 1, DEFAULT_MICRO_BATCH)) {
            double exactSeconds = 0;
            double usualSeconds = 0;
            for (int round = 0; round <= ROUNDS; round++) {
                int[] text = text(model, seed + round, PREFIX_TOKENS).toArray();
                double inExact = exact.read(text).processorSeconds();
                double inUsual = usual.read(text).processorSeconds();
                if (round > 0) {
                    exactSeconds += inExact;
                    usualSeconds += inUsual;
                }
            }
            return exactSeconds / usualSeconds - 1;
        }
    }

    private static int first(Model model) {
        return model.tokenizer().vocabularySize() - CHILDREN;
    }

    private static Tokens text(Model model, long seed, int size) {
        var random = new CounterRandom(seed);
        return Tokens.of(
                IntStream.generate(() -> random.nextInt(model.tokenizer().vocabularySize()))
                        .limit(size)
                        .toArray());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException unreadable) {
            throw new BenchmarkFailure("a model file must be readable: was " + unreadable, unreadable);
        }
    }

    /** Memory of this process that is in use, files that are mapped included; 0 where the system does not tell. */
    private static long residentBytes() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException notLinux) {
            return 0;
        }
    }
}
