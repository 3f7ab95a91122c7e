package cloudchamber.bench;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the grader {@code math} says of pairs of answers, for the comparison with another grader in {@code math-verify}.
 * Reads JSON lines of {@code id}, {@code second} and either {@code first}, an answer, or {@code text}, which holds one;
 * prints lines of {@code id} and {@code same}.
 */
public final class GradingVerdicts {
    private GradingVerdicts() {}

    /** @param arguments the file of pairs */
    public static void main(String[] arguments) throws IOException {
        var json = JsonMapper.builder().build();
        var math = Graders.of("math", Extraction.STANDARD);
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (var line : Files.readAllLines(Path.of(arguments[0]))) {
            var pair = json.readTree(line);
            var second = pair.path("second").asText();
            boolean same = pair.has("text")
                    ? math.extract(pair.path("text").asText())
                            .filter(answer -> math.equivalent(answer, second))
                            .isPresent()
                    : math.equivalent(pair.path("first").asText(), second);
            out.println(
                    json.createObjectNode().put("id", pair.path("id").asInt()).put("same", same));
        }
        out.flush();
    }
}
