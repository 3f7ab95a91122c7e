package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.library.InstalledLibraries;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.library.LibraryPackage;
import cloudchamber.models.Models;
import cloudchamber.node.ClusterNode;
import cloudchamber.node.NodeOptions;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job with a seed has one result, down to the texts and the scores of all particles: for one worker of each
 * role and for many of one numerics class, with memory for a few particles only, and beside another job.
 */
class ManyWorkersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int PARTICLES = 32;

    /** Of each engine's context: thirty-two particles of one problem need more than eight workers have together. */
    private static final int FEW_CELLS = 256;

    private static final List<String> QUESTIONS = List.of(
            "Evaluate 17 + 26 - 9 + 31 - 8.", "Eva has 53 coins and buys 5 pens at 6. How many coins are left?");

    private static final UnaryOperator<EngineSettings> ROOMY = suitable -> suitable;
    private static final UnaryOperator<EngineSettings> CRAMPED =
            suitable -> suitable.withContexts(1).withCells(FEW_CELLS).withSequences(20, 8);

    @TempDir
    private Path folder;

    /** What one run showed. */
    private record Seen(List<String> problems, long promptTokens) {}

    @BeforeAll
    static void nameTheDistribution() {
        System.setProperty("cloudchamber.home", Program.REPOSITORY.toString());
    }

    @Test
    void twoWorkersWriteWhatOneWrites() {
        assertOneResult(LibraryChoice.BUNDLED, List.of(2));
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void eightWorkersWriteTheSame() {
        assertOneResult(LibraryChoice.BUNDLED, List.of(1, 2, 8));
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void theSecondLibraryAgreesWithItself() {
        assertOneResult(second(), List.of(1, 2, 8));
    }

    @Test
    void aJobIsServedByTheNumericsFamilyItAsksForAndTellsOfIt() {
        try (var node = ClusterNode.start(everything("family", 1), Models.runBy(LibraryChoice.BUNDLED, ROOMY))) {
            var api = new ApiClient(node.url());
            await().atMost(PATIENCE).until(() -> Members.workers(api).size() == 2);
            var classes = Members.workers(api).stream()
                    .map(worker -> worker.path("numericsClass").asText())
                    .sorted()
                    .toList();
            var parts = classes.getFirst().split("/");
            var nobodys = submit(api, request(7, 1).put("numericsFamily", "b1/none"));
            var served = submit(api, request(7, 1).put("numericsFamily", parts[0] + "/" + parts[1]));

            finished(api, served);

            assertThat(texts(api.job(served).path("numericsClasses"))).isEqualTo(classes);
            assertThat(texts(api.problem(served, "p0-0").path("numericsClasses")))
                    .isEqualTo(classes);
            assertThat(texts(api.job(nobodys).path("waitingFor")))
                    .containsExactly("policy bundled of b1/none", "prm bundled of b1/none");
            assertThat(api.job(nobodys).path("counts").path("succeeded").asInt())
                    .isZero();
            api.cancel(nobodys);
        }
    }

    private LibraryChoice second() {
        var libraries = new InstalledLibraries(folder.resolve("libraries"));
        return LibraryChoice.of(InstalledLibraries.ofUser()
                .find(LibraryPackage.CPU)
                .orElseGet(() -> libraries.install(LibraryPackage.CPU)));
    }

    private void assertOneResult(LibraryChoice library, List<Integer> counts) {
        var undisturbed = run("roomy", Models.runBy(library, ROOMY), 1, false);
        assertThat(undisturbed.problems()).hasSize(QUESTIONS.size()).allMatch(problem -> problem.contains("logOdds"));

        for (int count : counts) {
            var cramped = run("cramped-" + count, Models.runBy(library, CRAMPED), count, true);

            assertThat(cramped.problems()).as("%s workers of each role", count).isEqualTo(undisturbed.problems());
            assertThat(cramped.promptTokens())
                    .as("%s workers of each role, with what is read again after evictions", count)
                    .isGreaterThan(undisturbed.promptTokens());
        }
    }

    /** Runs the job on so many workers of each role, perhaps beside another one that lasts longer. */
    private Seen run(String name, Models models, int workers, boolean disturbed) {
        var options = everything(name, workers);
        try (var node = ClusterNode.start(options, models)) {
            var api = new ApiClient(node.url());
            await().atMost(PATIENCE).until(() -> Members.workers(api).size() == 2 * workers);
            var other = disturbed ? Optional.of(submit(api, 99, 20)) : Optional.<String>empty();
            other.ifPresent(job -> await().atMost(PATIENCE)
                    .until(() -> api.job(job).path("status").asText().equals("running")));
            var seen = finished(api, submit(api, 7, 1));
            other.ifPresent(job -> {
                assertThat(api.job(job).path("status").asText())
                        .as("the other job")
                        .isEqualTo("running");
                api.cancel(job);
            });
            if (!disturbed) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(Members.workers(api))
                                .allMatch(worker -> worker.path("completed").asLong() > 0));
            }
            return seen;
        }
    }

    private NodeOptions everything(String name, int workers) {
        return new NodeOptions(
                EnumSet.allOf(Role.class),
                Collections.nCopies(workers, "bundled"),
                Collections.nCopies(workers, "bundled"),
                0,
                List.of(),
                OptionalInt.of(0),
                folder.resolve(name),
                Optional.empty());
    }

    private static String submit(ApiClient api, long seed, int times) {
        return submit(api, request(seed, times));
    }

    /** On a machine that is busy with other tests, the first job may not be stored in time. */
    private static String submit(ApiClient api, ObjectNode request) {
        return await().atMost(PATIENCE).ignoreExceptions().until(() -> api.submit(request), id -> !id.isEmpty());
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static ObjectNode request(long seed, int times) {
        var job = ApiClient.JSON.createObjectNode().put("seed", seed);
        job.putObject("method").put("id", "particle-filter").put("particles", PARTICLES);
        var problems = job.putArray("problems");
        for (int time = 0; time < times; time++) {
            for (int index = 0; index < QUESTIONS.size(); index++) {
                problems.addObject().put("id", "p" + time + "-" + index).put("question", QUESTIONS.get(index));
            }
        }
        return job;
    }

    private static Seen finished(ApiClient api, String job) {
        await().atMost(PATIENCE)
                .until(() -> !List.of("queued", "running")
                        .contains(api.job(job).path("status").asText()));
        assertThat(api.job(job).path("status").asText()).isEqualTo("succeeded");
        var problems = new ArrayList<String>();
        long promptTokens = 0;
        for (int index = 0; index < QUESTIONS.size(); index++) {
            var view = api.problem(job, "p0-" + index);
            problems.add(Invariant.of(view));
            promptTokens += view.path("cost").path("promptTokens").asLong();
        }
        return new Seen(problems, promptTokens);
    }
}
