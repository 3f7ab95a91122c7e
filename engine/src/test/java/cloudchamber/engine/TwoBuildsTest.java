package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.template.ChatTemplate;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two builds of llama.cpp, eighteen months apart, against each other: what one writes at temperature 0 is nearly the
 * likeliest for the other as well, token by token. Equal texts are not to be had: their bits differ.
 */
class TwoBuildsTest {
    private static final Sampling GREEDY = Sampling.atTemperature(0);
    private static final int TOKENS = 120;
    private static final int RANDOM_TOKENS = 40;
    private static final int FIRST_TOKEN = 30;
    private static final int SECOND_TOKEN = 40;

    private static final List<String> QUESTIONS = List.of(
            "Evaluate 17 + 26 - 9.",
            "What is 81 - (20 + 25)?",
            "Start with 57, subtract 29. What do you get?",
            "Eva has 3 cups. Mia has 44 more. How many cups do they have together?",
            "Eva has 53 coins and buys 5 pens at 6. How many coins are left?",
            "Evaluate 25 - 16 - 9 + 41 + 7 - 30 + 12 - 8 + 4.");

    /*
     * Questions, and texts of random tokens, after which many tokens are nearly as likely as the likeliest. The
     * differences of the two builds' logits are printed too: their bits do differ.
     */
    @ParameterizedTest(name = "{0}, {1} reads {2}")
    @CsvSource({
        "bundled, BUNDLED_B4916, NPM_V0_5_0, 0.15",
        "bundled, NPM_V0_5_0, BUNDLED_B4916, 0.15",
        "smollm2-135m, BUNDLED_B4916, NPM_V0_5_0, 1",
        "smollm2-135m, NPM_V0_5_0, BUNDLED_B4916, 1",
    })
    void whatTheOtherWritesIsNearlyTheLikeliest(
            String name, TestLibrary reading, TestLibrary writing, double delta, TestReporter reporter) {
        var file = file(name);
        var written = new ArrayList<Tokens>();
        var prompts = new ArrayList<Tokens>();
        var scoresOfWriter = new ArrayList<Double>();
        var scoresOfReader = new ArrayList<Double>();
        try (var model = Model.load(file, writing.choice());
                var engine = Engine.start(model, EngineSettings.DEFAULT)) {
            QUESTIONS.forEach(question -> prompts.add(prompt(model, question)));
            for (int seed = 0; seed < QUESTIONS.size(); seed++) {
                prompts.add(random(model, seed));
            }
            for (var prompt : prompts) {
                scoresOfWriter.addAll(scores(engine, prompt));
                written.add(engine.generate(new GenerateRequest(prompt, GREEDY, 0, List.of(), TOKENS))
                        .join()
                        .tokens());
            }
        }
        var agreement = Agreement.NONE;
        int equal = 0;
        try (var model = Model.load(file, reading.choice());
                var engine = Engine.start(model, EngineSettings.DEFAULT)) {
            for (int index = 0; index < prompts.size(); index++) {
                scoresOfReader.addAll(scores(engine, prompts.get(index)));
                var one = Agreement.of(engine, prompts.get(index), written.get(index));
                equal += one.largest() == 0 ? 1 : 0;
                agreement = agreement.plus(one);
            }
        }

        reporter.publishEntry(Map.of(
                "agreement",
                "%s: %d of %d tokens are the likeliest for %s too, %d of %d texts wholly; largest gap %.3f nats"
                        .formatted(
                                name,
                                agreement.within(0),
                                agreement.tokens(),
                                reading,
                                equal,
                                prompts.size(),
                                agreement.largest()),
                "gaps",
                agreement.shortfalls().stream()
                        .filter(gap -> gap > 0)
                        .map("%.3f"::formatted)
                        .toList()
                        .toString(),
                "scores",
                "log-odds of two tokens differ by up to %.4f".formatted(difference(scoresOfWriter, scoresOfReader))));
        assertThat(difference(scoresOfWriter, scoresOfReader)).isPositive().isLessThan(2 * delta);
        assertThat(agreement.tokens()).isGreaterThan(20 * QUESTIONS.size());
        assertThat(agreement.largest()).isLessThanOrEqualTo(delta);
        assertThat(agreement.share()).isGreaterThan(0.95);
    }

    private static Tokens prompt(Model model, String question) {
        return model.tokenizer().encode(ChatTemplate.of(model.metadata()).render(Prompt.question(question)));
    }

    private static Tokens random(Model model, long seed) {
        var random = new CounterRandom(seed);
        return Tokens.of(IntStream.generate(() -> random.nextInt(model.tokenizer().vocabularySize()))
                .filter(token -> !model.tokenizer().ends(token))
                .limit(RANDOM_TOKENS)
                .toArray());
    }

    private static List<Double> scores(Engine engine, Tokens text) {
        var everywhere = IntStream.range(0, text.size()).boxed().toList();
        return engine.score(new ScoreRequest(text, Tokens.NONE, FIRST_TOKEN, SECOND_TOKEN, everywhere, false))
                .join()
                .logOdds();
    }

    private static double difference(List<Double> some, List<Double> others) {
        return IntStream.range(0, some.size())
                .mapToDouble(index -> Math.abs(some.get(index) - others.get(index)))
                .max()
                .orElseThrow();
    }

    private static Path file(String name) {
        if (name.equals("bundled")) {
            return Path.of("..", "deploy", "models", "bundled-policy.gguf");
        }
        var file = Path.of(System.getProperty("user.home"), ".cloudchamber", "models", name + ".gguf");
        Assumptions.assumeTrue(Boolean.getBoolean("long.tests"), "the long tests compare " + name);
        Assumptions.assumeTrue(
                Files.isRegularFile(file), name + " is not installed: ./cloudchamber models install " + name);
        return file;
    }
}
