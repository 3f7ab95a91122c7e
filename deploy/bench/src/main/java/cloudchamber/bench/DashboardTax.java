package cloudchamber.bench;

import cloudchamber.bench.DashboardProcess.Pages;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;

/** B11: what it costs that somebody looks. */
final class DashboardTax implements Benchmark {
    private static final int PARTICLES = 16;
    private static final int STEPS = 12;
    private static final int SLOTS = 64;
    private static final int CHARACTERS = 60;
    private static final int IN_FLIGHT = 8;
    private static final int PROBLEMS = 20_000;
    private static final Pages PAGES = new Pages(20, 20, 10);
    private static final int BLOCKS = 6;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration BLOCK = Duration.ofSeconds(8);
    private static final double GOAL = .95;
    private static final Law NONE = new Law.Constant(0);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String id() {
        return "B11";
    }

    @Override
    public String title() {
        return "processor time of a particle-step while 50 dashboards are open";
    }

    @Override
    public String ideal() {
        return "Ideal: a step and its score (as in B2, two processes, models that take no time, with journal, jobs and"
                + " API) while nobody looks. Score: its processor time over that with 50 streams open, 20 of the"
                + " overview, 20 of the job and 10 of running problems (each goes to"
                + " the newest problem 5 s after its own has ended); blocks of 8 s in turn. The streams are read in"
                + " a third process, which is not counted.";
    }

    /** Of both processes of the cluster, and how many steps were done for it. */
    private record Spent(Duration coordinator, Duration worker, long steps) {
        static final Spent NOTHING = new Spent(Duration.ZERO, Duration.ZERO, 0);

        Spent plus(Spent other) {
            return new Spent(coordinator.plus(other.coordinator), worker.plus(other.worker), steps + other.steps);
        }

        Spent minus(Spent other) {
            return new Spent(coordinator.minus(other.coordinator), worker.minus(other.worker), steps - other.steps);
        }

        double micros() {
            return coordinatorMicros() + worker.toNanos() / 1000.0 / steps;
        }

        double coordinatorMicros() {
            return coordinator.toNanos() / 1000.0 / steps;
        }
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        try (var folder = new TemporaryFolder();
                var node = BenchNode.start(
                        Role.COORDINATOR.id(),
                        0,
                        Map.of(
                                "pekko.persistence.journal.plugin",
                                "cloudchamber.journal.events",
                                "pekko.persistence.snapshot-store.plugin",
                                "cloudchamber.journal.snapshots",
                                "cloudchamber.journal.directory",
                                folder.path().toString(),
                                "cloudchamber.job.max-problems-in-flight",
                                IN_FLIGHT,
                                "cloudchamber.http.port",
                                0))) {
            var dispatcher = node.startDispatcher();
            node.startProblems(dispatcher);
            node.startJobs(dispatcher);
            int port = node.startHttp(dispatcher);
            try (var worker = WorkerProcess.start(node.port(), SLOTS, CHARACTERS, NONE, SLOTS, NONE);
                    var http = HttpClient.newHttpClient()) {
                node.awaitWorkers(dispatcher, 2);
                var job = submit(http, port, settings.seed());
                output.progress("warm-up");
                BenchNode.pause(WARM_UP);
                return measure(new Cluster(node, dispatcher, worker), port, job, settings.seed(), output);
            }
        }
    }

    private record Cluster(BenchNode node, ActorRef<Dispatcher.Command> dispatcher, WorkerProcess worker) {
        Spent spent() {
            long steps = node.status(dispatcher).workers().stream()
                    .filter(line -> line.announcement().role() == Role.POLICY)
                    .mapToLong(line -> line.status().completed())
                    .sum();
            return new Spent(Overhead.processorTime(), worker.processorTime(), steps);
        }

        /** What one block took. */
        Spent block() {
            BenchNode.pause(SETTLING);
            var before = spent();
            BenchNode.pause(BLOCK);
            return spent().minus(before);
        }
    }

    private static Figure measure(Cluster cluster, int port, String job, long seed, BenchmarkOutput output) {
        var without = Spent.NOTHING;
        var with = Spent.NOTHING;
        long events = 0;
        long bytes = 0;
        var readers = Duration.ZERO;
        for (int block = 0; block < BLOCKS; block++) {
            output.progress("block " + (block + 1) + " of " + BLOCKS);
            without = without.plus(cluster.block());
            try (var pages = DashboardProcess.open(port, job, PAGES)) {
                var before = pages.report();
                var processorTime = pages.processorTime();
                with = with.plus(cluster.block());
                var after = pages.report();
                events += after.events() - before.events();
                bytes += after.bytes() - before.bytes();
                readers = readers.plus(pages.processorTime().minus(processorTime));
            }
        }
        double seconds = BLOCK.plus(SETTLING).multipliedBy(BLOCKS).toMillis() / 1000.0;
        return new Figure(
                PAGES.count() + " streams",
                without.micros() / with.micros(),
                Figure.Direction.HIGHER,
                GOAL,
                without.micros(),
                with.micros(),
                "µs of processor time",
                seed,
                Map.of(
                        "coordinatorAlone", without.coordinatorMicros() / with.coordinatorMicros(),
                        "stepsWithout", without.steps(),
                        "stepsWith", with.steps(),
                        "eventsASecond", events / seconds,
                        "kilobytesASecond", bytes / 1000.0 / seconds,
                        "readersProcessorSeconds", readers.toMillis() / 1000.0));
    }

    /** One job that does not end before the benchmark does. */
    private static String submit(HttpClient http, int port, long seed) {
        var job = JSON.createObjectNode()
                .put("policy", Workload.MODEL)
                .put("prm", Workload.MODEL)
                .put("grader", "text")
                .put("seed", seed);
        job.putObject("method").put("id", "particle-filter").put("particles", PARTICLES);
        job.putObject("sampling").put("temperature", 1).put("maxSteps", STEPS);
        var problems = job.putArray("problems");
        var question = "x".repeat(Workload.PROMPT_TOKENS * Workload.CHARACTERS_A_TOKEN);
        for (int problem = 0; problem < PROBLEMS; problem++) {
            problems.addObject().put("question", question);
        }
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/jobs"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(job.toString()))
                .build();
        try {
            var accepted = http.send(request, BodyHandlers.ofString());
            if (accepted.statusCode() != 202) {
                throw new BenchmarkFailure("the job must be accepted: was answered " + accepted.body());
            }
            return JSON.readTree(accepted.body()).path("id").asText();
        } catch (IOException failed) {
            throw new BenchmarkFailure("the job could not be submitted: " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkFailure("interrupted");
        }
    }
}
