package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.client.ApiClient;
import cloudchamber.protocol.model.CounterRandom;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Truth through the whole stack: coordinator, Artery, three worker processes, HTTP. */
class OracleCommandTest {
    @TempDir
    private Path folder;

    /**
     * The estimate of the evidence is unbiased for any N. Its mean over the runs is within 5 standard
     * errors of the exact value but once in 1.7 million seeds; the seed is fixed.
     */
    @ParameterizedTest(name = "{0}, seed {1}, target {2}")
    @CsvSource({"hmm, 1, product", "tree, 2, final"})
    void theMeanEvidenceIsTheExactOne(String kind, long seed, String target) throws IOException {
        var report = oracle(kind, seed, target, 4, 3000);

        double gap = report.path("meanEvidence").asDouble()
                - report.path("exactEvidence").asDouble();
        assertThat(Math.abs(gap)).isLessThan(5 * report.path("seEvidence").asDouble());
        assertThat(report.path("evidences")).hasSize(3000);
        assertSharedByThreeProcesses(report);
    }

    /** At N = 256 the mean law of 60 runs is within .03 of the exact one, for every answer. */
    @ParameterizedTest(name = "{0}, seed {1}, target {2}")
    @CsvSource({"hmm, 3, final", "tree, 4, product"})
    void everyAnswerHasItsProbability(String kind, long seed, String target) throws IOException {
        var report = oracle(kind, seed, target, 256, 60);

        report.path("exactAnswers")
                .properties()
                .forEach(answer -> assertThat(
                                report.path("answers").path(answer.getKey()).asDouble())
                        .as(answer.getKey())
                        .isCloseTo(answer.getValue().asDouble(), within(.03)));
        assertSharedByThreeProcesses(report);
    }

    private static void assertSharedByThreeProcesses(JsonNode report) {
        assertThat(report.path("processes")).hasSize(3).allSatisfy(process -> {
            assertThat(process.path("roles").toString()).isEqualTo("[\"policy\",\"prm\"]");
            assertThat(process.path("steps").asLong()).isPositive();
        });
    }

    private JsonNode oracle(String kind, long seed, String target, int particles, int runs) throws IOException {
        var file = folder.resolve(kind + seed + ".json");
        Files.writeString(file, language(kind, new CounterRandom(seed)).toString());
        var result = Program.run(
                "oracle",
                file.toString(),
                "--target",
                target,
                "--particles",
                "" + particles,
                "--runs",
                "" + runs,
                "--seed",
                "" + seed,
                "--processes",
                "3",
                "--json");
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.json();
    }

    private static ObjectNode language(String kind, CounterRandom random) {
        var language = ApiClient.JSON.createObjectNode().put("kind", kind);
        if (kind.equals("hmm")) {
            int states = 3;
            var initial = language.putArray("initial");
            law(states, random).forEach(initial::add);
            var transition = language.putArray("transition");
            var reward = language.putArray("reward");
            for (int state = 0; state < states; state++) {
                var row = transition.addArray();
                law(states, random).forEach(row::add);
                reward.add(.2 + .6 * random.nextDouble());
            }
            language.put("steps", 3);
        } else {
            var nodes = language.putArray("nodes");
            children(null, "N", 3, random, nodes);
        }
        return language;
    }

    private static void children(String parent, String name, int depth, CounterRandom random, ArrayNode nodes) {
        var law = law(3, random);
        for (int child = 0; child < law.size(); child++) {
            boolean last = depth == 1 || random.nextDouble() < .3;
            var id = name + child;
            nodes.addObject()
                    .put("id", id)
                    .put("parent", parent)
                    .put("p", law.get(child))
                    .put("reward", .2 + .6 * random.nextDouble())
                    .put("final", last);
            if (!last) {
                children(id, id, depth - 1, random, nodes);
            }
        }
    }

    private static List<Double> law(int size, CounterRandom random) {
        var weights = new ArrayList<Double>();
        for (int index = 0; index < size; index++) {
            weights.add(.1 + random.nextDouble());
        }
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        return weights.stream().map(weight -> weight / sum).toList();
    }
}
