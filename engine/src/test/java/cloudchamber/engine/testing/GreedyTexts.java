package cloudchamber.engine.testing;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Model;
import cloudchamber.engine.ScoreRequest;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What one build of the library writes at temperature 0 after some prompts, in a process of its own: a process uses
 * one kind of processor kernels only. Half of the prompts are questions; after the others, random tokens, many tokens
 * are nearly as likely as the likeliest.
 */
public final class GreedyTexts {
    private static final int TOKENS = 60;
    private static final int RANDOM_TOKENS = 40;
    private static final int FIRST_TOKEN = 30;
    private static final int SECOND_TOKEN = 40;
    private static final String LINE = "text ";

    private static final List<String> QUESTIONS = List.of(
            "Evaluate 17 + 26 - 9.",
            "What is 81 - (20 + 25)?",
            "Start with 57, subtract 29. What do you get?",
            "Eva has 3 cups. Mia has 44 more. How many cups do they have together?",
            "Eva has 53 coins and buys 5 pens at 6. How many coins are left?",
            "Evaluate 25 - 16 - 9 + 41 + 7 - 30 + 12 - 8 + 4.");

    private GreedyTexts() {}

    /**
     * One text.
     *
     * @param logOdds of two tokens at every place of the prompt
     */
    public record Written(Tokens prompt, Tokens tokens, List<Double> logOdds) {}

    /** Writes with another build, after the first of the prompts. */
    public static List<Written> by(Path folder, String variant, Path model, int prompts)
            throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-D" + LibraryChoice.LIBRARY_PROPERTY + "=" + folder,
                        "-D" + LibraryChoice.VARIANT_PROPERTY + "=" + variant,
                        "-cp",
                        System.getProperty("java.class.path"),
                        GreedyTexts.class.getName(),
                        model.toString(),
                        Integer.toString(prompts))
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(output);
        }
        return output.lines()
                .filter(line -> line.startsWith(LINE))
                .map(line -> line.substring(LINE.length()).split("\\|"))
                .map(parts -> new Written(tokens(parts[0]), tokens(parts[1]), numbers(parts[2])))
                .toList();
    }

    private static Tokens tokens(String words) {
        return Tokens.of(
                Arrays.stream(words.split(" ")).mapToInt(Integer::parseInt).toArray());
    }

    private static List<Double> numbers(String words) {
        return Arrays.stream(words.split(" ")).map(Double::valueOf).toList();
    }

    /** The log-odds of the same two tokens at every place of a prompt, by another engine. */
    public static List<Double> logOdds(Engine engine, Tokens prompt) {
        var everywhere = IntStream.range(0, prompt.size()).boxed().toList();
        return engine.score(new ScoreRequest(prompt, Tokens.NONE, FIRST_TOKEN, SECOND_TOKEN, everywhere, false))
                .join()
                .logOdds();
    }

    /** Arguments: a model file, and how many prompts. */
    public static void main(String... arguments) {
        try (var model = Model.load(Path.of(arguments[0]));
                var engine = Engine.start(model, EngineSettings.DEFAULT)) {
            for (var prompt : prompts(model).subList(0, Integer.parseInt(arguments[1]))) {
                var tokens = engine.generate(
                                new GenerateRequest(prompt, Sampling.atTemperature(0), 0, List.of(), TOKENS))
                        .join()
                        .tokens();
                System.out.println(LINE
                        + Stream.of(prompt.toList(), tokens.toList(), logOdds(engine, prompt))
                                .map(list -> list.stream().map(String::valueOf).collect(Collectors.joining(" ")))
                                .collect(Collectors.joining("|")));
            }
        }
    }

    private static List<Tokens> prompts(Model model) {
        var template = ChatTemplate.of(model.metadata());
        var prompts = new ArrayList<Tokens>();
        for (int index = 0; index < QUESTIONS.size(); index++) {
            prompts.add(model.tokenizer().encode(template.render(Prompt.question(QUESTIONS.get(index)))));
            var random = new CounterRandom(index);
            prompts.add(Tokens.of(
                    IntStream.generate(() -> random.nextInt(model.tokenizer().vocabularySize()))
                            .filter(token -> !model.tokenizer().ends(token))
                            .limit(RANDOM_TOKENS)
                            .toArray()));
        }
        return prompts;
    }
}
