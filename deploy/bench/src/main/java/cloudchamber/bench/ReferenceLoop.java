package cloudchamber.bench;

import cloudchamber.engine.binding.ExactMode;
import cloudchamber.engine.binding.LibraryLayout;
import cloudchamber.engine.binding.NativeLibrary;
import cloudchamber.engine.binding.Struct;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.library.LibraryChoice;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The same library driven by a loop in C, in a process of its own, with the engine's settings: what the
 * engine's speed is measured against and its tokens are compared with. It is compiled when it is started,
 * which takes a C compiler, {@code cc}.
 */
public final class ReferenceLoop implements AutoCloseable {
    private static final String SOURCE = "loop.c";

    private final Path folder;
    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;

    /**
     * What the loop answers.
     *
     * @param seconds it took, from the first token to the last choice
     * @param processorSeconds it had a processor, all its threads together
     * @param tokens chosen, all of the first sequence first
     */
    public record Answer(double seconds, double processorSeconds, int[] tokens) {}

    private ReferenceLoop(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.commands = new PrintStream(process.getOutputStream(), false, StandardCharsets.US_ASCII);
    }

    /** Whether this machine has a C compiler. */
    public static boolean canBeCompiled() {
        try {
            return run(new ProcessBuilder("cc", "--version")) == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    /**
     * Compiles and starts the loop on a model.
     *
     * @param sequences of the context; the first holds the text that is continued
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} if it cannot be compiled
     */
    public static ReferenceLoop start(
            LibraryChoice choice, Path model, int cells, int sequences, int batchTokens, int threads) {
        return start(choice, model, cells, sequences, batchTokens, threads, ExactMode.MICRO_BATCH_TOKENS);
    }

    /** The same with another micro-batch: exact mode is 32 tokens, the library's own default 512. */
    public static ReferenceLoop start(
            LibraryChoice choice,
            Path model,
            int cells,
            int sequences,
            int batchTokens,
            int threads,
            int microBatchTokens) {
        var library = NativeLibrary.get(choice);
        try {
            var folder = Files.createTempDirectory("cloudchamber-loop-");
            var program = compile(folder, library.layout(), microBatchTokens);
            var description = library.description();
            var kernels = description.file().resolveSibling("libggml-cpu-" + description.cpuVariant() + ".so");
            var process = new ProcessBuilder(
                            program.toString(),
                            description.file().toString(),
                            Files.isRegularFile(kernels) ? kernels.toString() : "-",
                            model.toAbsolutePath().toString(),
                            Integer.toString(cells),
                            Integer.toString(sequences),
                            Integer.toString(batchTokens),
                            Integer.toString(threads))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new ReferenceLoop(folder, process);
        } catch (IOException failed) {
            throw unavailable("the C loop must be compiled and started: was " + failed);
        }
    }

    private static Path compile(Path folder, LibraryLayout layout, int microBatchTokens) throws IOException {
        var source = folder.resolve("loop.c");
        try (var resource = ReferenceLoop.class.getResourceAsStream(SOURCE)) {
            Files.copy(resource, source);
        }
        var program = folder.resolve("loop");
        var command = new ArrayList<>(List.of("cc", "-O2", "-o", program.toString(), source.toString(), "-ldl"));
        command.addAll(definitions(layout, microBatchTokens));
        if (run(new ProcessBuilder(command)) != 0) {
            throw unavailable("cc must compile the C loop: did not");
        }
        return program;
    }

    private static List<String> definitions(LibraryLayout layout, int microBatchTokens) {
        var context = layout.context();
        var settings = new ArrayList<String>();
        layout.exactContext().forEach((name, value) -> settings.add(set(context, name, value)));
        layout.processorOnly().forEach((name, value) -> settings.add(set(context, name, value)));
        var definitions = new ArrayList<>(List.of(
                "-DMODEL_BYTES=" + layout.model().sizeBytes(),
                "-DCONTEXT_BYTES=" + context.sizeBytes(),
                "-DN_GPU_LAYERS=" + layout.model().fields().get("n_gpu_layers").offset(),
                "-DMICRO_BATCH=" + microBatchTokens,
                "-DMEMORY=\"" + layout.memoryFunctions() + "\"",
                "-DHAS_MEMORY_HANDLE=" + (layout.hasMemoryHandle() ? 1 : 0),
                "-DSET_EXACT(s)=" + String.join(";", settings)));
        for (var name : List.of("n_ctx", "n_batch", "n_ubatch", "n_seq_max", "n_threads", "n_threads_batch")) {
            definitions.add("-D" + name.toUpperCase(Locale.ROOT) + "="
                    + context.fields().get(name).offset());
        }
        return definitions;
    }

    private static String set(Struct struct, String name, int value) {
        var field = struct.fields().get(name);
        return (field.kind() == Struct.Kind.TRUTH ? "BOOL" : "INT") + "(s," + field.offset() + ")=" + value;
    }

    private static int run(ProcessBuilder command) throws IOException {
        var process = command.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor();
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw unavailable("interrupted while [" + command.command().getFirst() + "] ran");
        }
    }

    /** Forgets everything and reads a text; answers with the likeliest next token. */
    public Answer read(int[] text) {
        return ask("read " + text.length + " " + words(text));
    }

    /**
     * Continues the text that was read, once for each of {@code first}: by that token, and then by the
     * likeliest ones. Decodes {@code steps} tokens a sequence, and chooses as many.
     */
    public Answer decode(int[] first, int steps) {
        return ask("decode " + first.length + " " + steps + " " + words(first));
    }

    private static String words(int[] tokens) {
        return IntStream.of(tokens).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    private Answer ask(String command) {
        commands.println(command);
        commands.flush();
        try {
            var line = answers.readLine();
            if (line == null) {
                throw unavailable("the C loop must answer [" + command.substring(0, 6) + "]: it ended");
            }
            var words = line.split(" ");
            return new Answer(
                    Double.parseDouble(words[0]),
                    Double.parseDouble(words[1]),
                    Arrays.stream(words).skip(2).mapToInt(Integer::parseInt).toArray());
        } catch (IOException broken) {
            throw unavailable("the C loop must answer: was " + broken);
        }
    }

    private static EngineException unavailable(String message) {
        return new EngineException(Category.LIBRARY_UNAVAILABLE, message);
    }

    @Override
    public void close() {
        commands.close();
        process.destroy();
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException left) {
            folder.toFile().deleteOnExit();
        }
    }
}
