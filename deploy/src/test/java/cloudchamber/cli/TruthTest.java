package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.models.Simulated;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Truth through the stack: a coordinator and 1, 2 or 4 worker processes sample languages whose laws are
 * known exactly, with the same bytes for any number of them, when replies come late, again and in another
 * order, and when a worker is killed holding leases.
 */
class TruthTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PARTICLES = 4;

    /** Means are within so many standard errors of what is expected but once in 1.7 million seeds; the seed is fixed. */
    private static final double ERRORS = 5;

    /** Two states, three steps. */
    private static final String HMM = """
            {"kind": "hmm", "initial": [0.6, 0.4], "transition": [[0.7, 0.3], [0.2, 0.8]], "reward": [0.9, 0.2],
             "steps": 3}""";

    /** The evidence of {@link #HMM}, the standard deviation of its estimate with 4 particles, and P(last state is 0). */
    private static final double EVIDENCE = .260042;

    private static final double DEVIATION = .143728;
    private static final double LAST_IS_ZERO = .890372;

    /** Expected numbers of particles with a child, of 4, at the first two resamplings. */
    private static final double[] PARENTS = {2.489081, 2.502980};

    /** Paths of unequal lengths. */
    private static final String TREE = """
            {"kind": "tree", "nodes": [
              {"id": "A", "parent": null, "p": 0.5, "reward": 0.6, "final": false},
              {"id": "B", "parent": null, "p": 0.3, "reward": 0.8, "final": false},
              {"id": "S", "parent": null, "p": 0.2, "reward": 0.7, "final": true},
              {"id": "A1", "parent": "A", "p": 0.6, "reward": 0.9, "final": true},
              {"id": "A2", "parent": "A", "p": 0.4, "reward": 0.5, "final": false},
              {"id": "B1", "parent": "B", "p": 1, "reward": 0.4, "final": true},
              {"id": "A21", "parent": "A2", "p": 1, "reward": 0.95, "final": true}]}""";

    private static final double TREE_EVIDENCE = .455;

    /** The product law of {@link #TREE}, by the last node of the path. */
    private static final Map<String, Double> TREE_LAW =
            Map.of("S", .307692, "A1", .356044, "A21", .125275, "B1", .210989);

    @TempDir
    private Path folder;

    @Test
    void fewRuns() throws Exception {
        truth(100, List.of(1, 2));
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void manyRuns() throws Exception {
        truth(250, List.of(1, 2, 4));
    }

    private record Results(List<JsonNode> hmm, List<JsonNode> tree) {
        List<String> comparable() {
            var all = new ArrayList<String>();
            hmm.forEach(view -> all.add(Invariant.of(view)));
            tree.forEach(view -> all.add(Invariant.of(view)));
            return all;
        }
    }

    private record Jobs(String hmm, String tree) {}

    private void truth(int runs, List<Integer> counts) throws Exception {
        var hmm = model("hmm.json", HMM);
        var tree = model("tree.json", TREE);
        var workers = new ArrayList<Program.Node>();
        try (var coordinator = Program.Node.start("--role", "coordinator", "--http-port", "0")) {
            var api = new ApiClient(coordinator.url());
            var results = new ArrayList<Results>();
            for (int count : counts) {
                while (workers.size() < count) {
                    workers.add(worker(coordinator, hmm, tree));
                }
                await().atMost(PATIENCE).until(() -> Members.workers(api).size() == 4 * count);
                var before = Members.completed(api);
                results.add(finished(api, submit(api, hmm, tree, runs), runs));
                assertShared(api, before, workers, 10);
            }

            var unreliable = Program.Node.start(UnreliableWorker.class, List.of(coordinator.address(), hmm, tree));
            workers.add(unreliable);
            await().atMost(PATIENCE).until(() -> Members.workers(api).size() == 4 * workers.size());
            var before = Members.completed(api);
            results.add(finished(api, submit(api, hmm, tree, runs), runs));
            assertShared(api, before, workers, 20);

            var disturbed = submit(api, hmm, tree, runs);
            Members.killHoldingLeases(api, workers.getFirst(), PATIENCE);
            results.add(finished(api, disturbed, runs));
            var said = unreliable.endOfInput();
            assertThat(said.get("late")).isNotEqualTo("0");
            assertThat(said.get("repeated")).isNotEqualTo("0");

            assertTruth(results.getFirst());
            for (var other : results) {
                assertThat(other.comparable()).isEqualTo(results.getFirst().comparable());
            }
        } finally {
            workers.forEach(Program.Node::close);
        }
    }

    /** With latency, so that steps are in flight for a while and no worker has slots for all of them. */
    private String model(String name, String language) throws IOException {
        var file = folder.resolve(name);
        Files.writeString(file, language);
        return Simulated.PREFIX + file + "?mean-millis=100&cv=.5";
    }

    private static Program.Node worker(Program.Node coordinator, String hmm, String tree) {
        return Program.Node.start(
                "--role",
                "policy",
                "--role",
                "prm",
                "--policy",
                hmm,
                "--policy",
                tree,
                "--prm",
                hmm,
                "--prm",
                tree,
                "--join",
                coordinator.address());
    }

    private static Jobs submit(ApiClient api, String hmm, String tree, int runs) {
        return new Jobs(submit(api, hmm, runs), submit(api, tree, runs));
    }

    private static String submit(ApiClient api, String model, int runs) {
        var job = ApiClient.JSON
                .createObjectNode()
                .put("policy", model)
                .put("prm", model)
                .put("seed", 11)
                .put("grader", "text");
        job.putObject("method")
                .put("id", "particle-filter")
                .put("particles", PARTICLES)
                .put("target", "product")
                .put("resampling", "multinomial")
                .put("essThreshold", 1);
        var problems = job.putArray("problems");
        for (int run = 1; run <= runs; run++) {
            problems.addObject().put("id", "r" + run).put("question", "run " + run);
        }
        return api.submit(job);
    }

    private static Results finished(ApiClient api, Jobs jobs, int runs) throws InterruptedException {
        return new Results(finished(api, jobs.hmm(), runs), finished(api, jobs.tree(), runs));
    }

    private static List<JsonNode> finished(ApiClient api, String job, int runs) throws InterruptedException {
        assertThat(api.await(job, seen -> {}).path("status").asText()).isEqualTo("succeeded");
        var views = new ArrayList<JsonNode>();
        for (int run = 1; run <= runs; run++) {
            views.add(api.problem(job, "r" + run));
        }
        return views;
    }

    /** Each worker has done at least one in {@code share} of what was done since; one whose replies are late does less. */
    private static void assertShared(ApiClient api, Map<Long, Long> before, List<Program.Node> workers, int share) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            var since = new HashMap<>(Members.completed(api));
            since.replaceAll((process, completed) -> completed - before.getOrDefault(process, 0L));
            long all = since.values().stream().mapToLong(Long::longValue).sum();
            assertThat(all).isPositive();
            assertThat(workers)
                    .allSatisfy(worker ->
                            assertThat(share * since.get(worker.processId())).isGreaterThanOrEqualTo(all));
        });
    }

    /**
     * E[Ẑ] = Z, sd(Ẑ), E[Ẑ·f̂] = Z·f and the expected numbers of parents. The standard error of a sample's
     * deviation s is √((m₄ − s⁴) / (4 s² R)).
     */
    private static void assertTruth(Results results) {
        var evidence = values(results.hmm(), TruthTest::evidence);
        assertThat(mean(evidence)).isCloseTo(EVIDENCE, within(ERRORS * DEVIATION / Math.sqrt(evidence.length)));
        double deviation = deviation(evidence);
        double fourth = mean(values(results.hmm(), view -> Math.pow(evidence(view) - mean(evidence), 4)));
        assertThat(deviation)
                .isCloseTo(
                        DEVIATION,
                        within(ERRORS
                                * Math.sqrt((fourth - Math.pow(deviation, 4)) / evidence.length)
                                / (2 * deviation)));
        assertMean(
                values(results.hmm(), view -> evidence(view) * share(view, "0")),
                EVIDENCE * LAST_IS_ZERO,
                "evidence times the share of 0");
        for (int round = 0; round < PARENTS.length; round++) {
            int at = round;
            assertMean(values(results.hmm(), view -> parents(view, at)), PARENTS[round], "parents of " + round);
        }

        assertMean(values(results.tree(), TruthTest::evidence), TREE_EVIDENCE, "evidence of the tree");
        TREE_LAW.forEach((leaf, probability) -> assertMean(
                values(results.tree(), view -> evidence(view) * share(view, leaf)),
                TREE_EVIDENCE * probability,
                "evidence times the share of " + leaf));
    }

    private static void assertMean(double[] values, double expected, String name) {
        double tolerance = ERRORS * deviation(values) / Math.sqrt(values.length);
        assertThat(tolerance).as(name + " varies").isPositive();
        assertThat(mean(values)).as(name).isCloseTo(expected, within(tolerance));
    }

    private static double evidence(JsonNode view) {
        return Math.exp(view.path("logEvidence").asDouble());
    }

    private static double share(JsonNode view, String end) {
        double share = 0;
        for (var answer : view.path("posterior")) {
            share += answer.path("answer").asText().endsWith(end)
                    ? answer.path("weight").asDouble()
                    : 0;
        }
        return share;
    }

    private static double parents(JsonNode view, int round) {
        var parents = new HashSet<Integer>();
        view.path("rounds").path(round).path("ancestors").forEach(parent -> parents.add(parent.asInt()));
        return parents.size();
    }

    private static double[] values(List<JsonNode> views, ToDoubleFunction<JsonNode> value) {
        return views.stream().mapToDouble(value).toArray();
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double deviation(double[] values) {
        double mean = mean(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / (values.length - 1));
    }
}
