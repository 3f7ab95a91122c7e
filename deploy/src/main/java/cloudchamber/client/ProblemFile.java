package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Questions with their right answers, one JSON object a line: id (optional), question, answer. */
public final class ProblemFile {
    private ProblemFile() {}

    public record Line(String id, String question, String answer) {}

    /**
     * @param limit the most lines taken
     * @throws CommandFailure that names the line, if one is not as it should be
     */
    public static List<Line> read(Path file, int limit) {
        List<String> texts;
        try {
            texts = Files.readAllLines(file);
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("the problem file must be readable: " + unreadable);
        }
        var lines = new ArrayList<Line>();
        for (int number = 1; number <= texts.size() && lines.size() < limit; number++) {
            if (!texts.get(number - 1).isBlank()) {
                lines.add(line(file, number, texts.get(number - 1), lines.size() + 1));
            }
        }
        if (lines.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, file + " must have at least one problem: has none");
        }
        return lines;
    }

    private static Line line(Path file, int number, String text, int index) {
        try {
            var json = ApiClient.JSON.readTree(text);
            if (!json.path("question").isTextual() || !json.hasNonNull("answer")) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        file + ":" + number + " must have the fields question and answer: has "
                                + json.properties().stream()
                                        .map(Map.Entry::getKey)
                                        .toList());
            }
            return new Line(
                    json.path("id").asText("p" + index),
                    json.path("question").asText(),
                    json.path("answer").asText());
        } catch (JsonProcessingException malformed) {
            throw new CommandFailure(
                    ExitCode.USAGE, file + ":" + number + " must be JSON: " + malformed.getOriginalMessage());
        }
    }
}
