package cloudchamber.bench;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Generation;
import cloudchamber.engine.Model;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.protocol.model.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine writes what a plain loop in C writes with the same library and settings, token for token. */
@ParameterizedClass
@EnumSource(TestLibrary.class)
class EquivalenceTest {
    private static final Path BUNDLED = Path.of("..", "models", "bundled-policy.gguf");
    private static final Sampling GREEDY = Sampling.atTemperature(0);
    private static final int STEPS = 40;

    private final TestLibrary library;

    EquivalenceTest(TestLibrary library) {
        this.library = library;
    }

    @BeforeAll
    static void requireCompiler() {
        boolean there = ReferenceLoop.canBeCompiled();
        if (Boolean.getBoolean("long.tests")) {
            assertThat(there).as("a C compiler, cc").isTrue();
        }
        Assumptions.assumeTrue(there, "there is no C compiler, cc: the comparison with C is skipped");
    }

    static Stream<Path> files() {
        return Stream.of(Models.file(RandomLlama.TINY), BUNDLED).filter(Files::isRegularFile);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void theEngineWritesWhatCWrites(Path file) {
        try (var model = Model.load(file, library.choice());
                var engine = Engine.start(model, EngineSettings.DEFAULT);
                var loop = ReferenceLoop.start(library.choice(), file, 2048, 9, 512, 1)) {
            var prompt = Tokens.of(1).plus(model.tokenizer().encode("Evaluate 17 + 26 - 9.\n\n"));
            int first = loop.read(prompt.toArray()).tokens()[0];

            var alone = loop.decode(new int[] {first}, STEPS).tokens();
            assertThat(written(engine, prompt, STEPS + 1)).isEqualTo(untilEnd(model, first, alone));

            int[] others = IntStream.range(20, 28).toArray();
            var together = loop.decode(others, STEPS).tokens();
            for (int index = 0; index < others.length; index++) {
                var own = Arrays.copyOfRange(together, index * STEPS, (index + 1) * STEPS);
                assertThat(written(engine, prompt.plus(Tokens.of(others[index])), STEPS))
                        .isEqualTo(untilEnd(model, own[0], Arrays.copyOfRange(own, 1, STEPS)));
            }
        }
    }

    /** Drawn step by step, each step a request that begins where the one before ended, or at once. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void stepsAreTheTextDrawnAtOnce(Path file) {
        try (var model = Model.load(file, library.choice());
                var engine = Engine.start(model, EngineSettings.DEFAULT)) {
            var prompt = Tokens.of(1).plus(model.tokenizer().encode("Evaluate 25 - 16 - 9 + 41 + 7.\n\n"));
            for (var stops : List.of(List.of("\n"), List.of("1", "e", " "))) {
                var text = prompt;
                Generation step;
                int steps = 0;
                do {
                    step = engine.generate(new GenerateRequest(text, GREEDY, steps, stops, 7))
                            .join();
                    text = text.plus(step.tokens());
                    steps++;
                } while (step.end() != Generation.End.END_OF_GENERATION && text.size() < prompt.size() + STEPS);

                assertThat(steps).isGreaterThan(3);
                assertThat(text.first(Math.min(text.size(), prompt.size() + STEPS)))
                        .isEqualTo(prompt.plus(Tokens.of(written(engine, prompt, STEPS))));
            }
        }
    }

    private static List<Integer> written(Engine engine, Tokens prefix, int tokens) {
        return engine.generate(new GenerateRequest(prefix, GREEDY, 0, List.of(), tokens))
                .join()
                .tokens()
                .toList();
    }

    /** The tokens up to the first that ends a generation, exclusive. */
    private static List<Integer> untilEnd(Model model, int first, int[] rest) {
        var tokens = new ArrayList<Integer>();
        for (int token :
                IntStream.concat(IntStream.of(first), Arrays.stream(rest)).toArray()) {
            if (model.tokenizer().ends(token)) {
                break;
            }
            tokens.add(token);
        }
        return tokens;
    }
}
