package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.gguf.TensorType;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.protocol.model.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One pattern of bits for each text, whatever happens around it: on a random model and on the bundled ones. */
@ParameterizedClass
@EnumSource(TestLibrary.class)
class ExactModeTest {
    private static final Path BUNDLED = Path.of("..", "deploy", "models");

    private final TestLibrary library;

    ExactModeTest(TestLibrary library) {
        this.library = library;
    }

    static Stream<Path> files() throws IOException {
        var random = Models.file(RandomLlama.TINY);
        if (!Files.isDirectory(BUNDLED)) {
            return Stream.of(random);
        }
        try (var bundled = Files.list(BUNDLED)) {
            return Stream.concat(
                    Stream.of(random),
                    bundled.filter(file -> file.toString().endsWith(".gguf")).sorted().toList().stream());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void aTextHasOnePatternOfBits(Path file) {
        try (var model = Model.load(file, library.choice())) {
            assertThat(model.weightType()).isEqualTo(TensorType.Q8_0);
            var roomy = EngineSettings.DEFAULT.withSequences(33, 33);
            var expected = drawn(model, roomy);

            assertThat(drawn(model, roomy.withSequences(1, 1))).as("alone").isEqualTo(expected);
            assertThat(drawn(model, roomy.withSequences(16, 16).withBatchTokens(64)))
                    .as("16 at a time, batches of 64")
                    .isEqualTo(expected);
            assertThat(drawn(model, roomy.withContexts(3).withCells(512)))
                    .as("3 contexts of 512 cells")
                    .isEqualTo(expected);
            assertThat(drawn(model, roomy.withRowBytes(0))).as("no kept rows").isEqualTo(expected);
        }
    }

    /** On one model only: two threads that spin for each other are slow where cores are shared. */
    @Test
    void threadsChangeNoBit() {
        var settings = EngineSettings.DEFAULT;
        var model = Models.tiny(library);

        assertThat(drawn(model, settings.withThreads(2), 3, 8)).isEqualTo(drawn(model, settings, 3, 8));
    }

    private static List<String> drawn(Model model, EngineSettings settings) {
        return drawn(model, settings, 17, 20);
    }

    /** Some continuations of each of 2 questions, with the bits of their log-probabilities. */
    private static List<String> drawn(Model model, EngineSettings settings, int texts, int tokens) {
        try (var engine = Engine.start(model, settings)) {
            var futures = Stream.of("Evaluate 17 + 26 - 9.\n\n", "What is 3 + 4?\n\n")
                    .map(question -> Tokens.of(1).plus(model.tokenizer().encode(question)))
                    .flatMap(prefix -> LongStream.range(0, texts)
                            .mapToObj(seed -> engine.generate(
                                    new GenerateRequest(prefix, Sampling.atTemperature(0.8), seed, List.of(), tokens))))
                    .toList();
            return futures.stream()
                    .map(future -> future.join())
                    .map(text -> text.tokens() + " " + Double.toHexString(text.logProbability()))
                    .toList();
        }
    }
}
