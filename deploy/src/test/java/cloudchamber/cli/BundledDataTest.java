package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.client.ApiClient;
import cloudchamber.client.ProblemFile;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The data sets that come with the bundled models. */
class BundledDataTest {
    private static final Path MODELS = Program.REPOSITORY.resolve("deploy/models");

    @Test
    void theDataSetHasSixtyProblemsALevelAndTwelveOfEachFamily() throws IOException {
        var lines = Files.readAllLines(MODELS.resolve("bundled.jsonl")).stream()
                .map(BundledDataTest::json)
                .toList();

        assertThat(lines.stream()
                        .collect(Collectors.groupingBy(
                                line -> line.path("level").asInt() + " "
                                        + line.path("family").asText(),
                                Collectors.counting())))
                .hasSize(25)
                .allSatisfy((kind, count) -> assertThat(count).isEqualTo(12));
        assertThat(lines.stream().map(line -> line.path("id").asText())).doesNotHaveDuplicates();
        assertThat(lines.stream().map(line -> line.path("question").asText())).doesNotHaveDuplicates();
    }

    @Test
    void noProblemOfTheDemoIsInTheDataSet() {
        var demo = ProblemFile.read(MODELS.resolve("problems.jsonl"), Integer.MAX_VALUE);
        var questions = new HashSet<String>();
        ProblemFile.read(MODELS.resolve("bundled.jsonl"), Integer.MAX_VALUE)
                .forEach(line -> questions.add(line.question()));

        assertThat(demo).hasSize(20).noneMatch(line -> questions.contains(line.question()));
    }

    private static JsonNode json(String line) {
        try {
            return ApiClient.JSON.readTree(line);
        } catch (IOException malformed) {
            throw new AssertionError(line, malformed);
        }
    }
}
