package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.journal.Change;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;

/** B9: how fast problems are accepted, and whether a job of very many is done in memory that does not grow. */
final class Intake implements Benchmark {
    private static final int PROBLEMS = 50_000;
    private static final int REPEATS = 5;
    /** As many as the API writes at once. */
    private static final int GROUP = 1000;

    private static final int SMALL_JOBS = 2000;
    private static final int CLIENTS = 64;
    private static final int ROWS_OF_A_JOB = 3;
    private static final int SLOTS = 256;
    private static final int CHARACTERS = 16;
    private static final String NOBODY = "nobody";
    private static final double GOAL = .5;
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String id() {
        return "B9";
    }

    @Override
    public String title() {
        return "a job of 50,000 trivial problems: accepted, durable, and done";
    }

    @Override
    public String ideal() {
        return "Ideal: the same 50,000 rows written to the same kind of database by a bare loop, 1,000 to a commit. Score: problems"
                + " a second from the request to its 202, which is after the last commit, over that; the median of 5, in"
                + " turn. Beside it: the heap of the coordinator after a collection before, half-way and after, and whether"
                + " every problem was done.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        Path directory = null;
        try {
            directory = Files.createTempDirectory("cloudchamber-bench-");
            return run(settings, output, directory);
        } catch (IOException unwritable) {
            throw new BenchmarkFailure("a folder for the journal must be writable: " + unwritable, unwritable);
        } finally {
            remove(directory);
        }
    }

    private static Figure run(BenchmarkSettings settings, BenchmarkOutput output, Path directory) {
        var journal = Map.of(
                "pekko.persistence.journal.plugin",
                "cloudchamber.journal.events",
                "pekko.persistence.snapshot-store.plugin",
                "cloudchamber.journal.snapshots",
                "cloudchamber.journal.directory",
                directory.toString(),
                // The first jobs of a node wait for the places of their actors to be given out.
                "cloudchamber.http.port",
                "0",
                "cloudchamber.http.request-timeout",
                "2 minutes");
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, journal);
                var http = HttpClient.newHttpClient()) {
            var dispatcher = node.startDispatcher();
            node.startProblems(dispatcher);
            node.startJobs(dispatcher);
            var api = new Api(http, "http://127.0.0.1:" + node.startHttp(dispatcher) + "/api/v1/jobs");
            if (settings.all()) {
                output.figure(smallJobs(api, settings, output, directory));
            }
            return largeJob(node, dispatcher, api, settings, output, directory);
        }
    }

    // ---- one large job

    private static Figure largeJob(
            BenchNode node,
            ActorRef<Dispatcher.Command> dispatcher,
            Api api,
            BenchmarkSettings settings,
            BenchmarkOutput output,
            Path directory) {
        var rows = rows(PROBLEMS);
        double[] accepted = new double[REPEATS];
        double[] raw = new double[REPEATS];
        // The first of each warms up.
        for (int repeat = -1; repeat < REPEATS; repeat++) {
            output.progress("accepting " + PROBLEMS + " problems");
            double bare = PROBLEMS / seconds(RawInserts.into(directory, rows, GROUP));
            var body = job(PROBLEMS, NOBODY, settings.seed());
            long started = System.nanoTime();
            var id = api.submit(body);
            double rate = PROBLEMS / seconds(Duration.ofNanos(System.nanoTime() - started));
            api.cancel(id);
            if (repeat >= 0) {
                accepted[repeat] = rate;
                raw[repeat] = bare;
            }
        }
        var details = new LinkedHashMap<String, Object>();
        details.put("acceptedPerSecond", sorted(accepted));
        details.put("bareInsertsPerSecond", sorted(raw));
        try (var worker =
                WorkerProcess.start(node.port(), SLOTS, CHARACTERS, new Law.Constant(0), SLOTS, new Law.Constant(0))) {
            node.awaitWorkers(dispatcher, 2);
            details.putAll(done(api, settings, output));
            details.put("workerHeapBytesAfter", worker.report().heapBytes());
        }
        return new Figure(
                "one job of " + PROBLEMS,
                median(accepted) / median(raw),
                Figure.Direction.HIGHER,
                GOAL,
                median(raw),
                median(accepted),
                "problems/s",
                settings.seed(),
                details);
    }

    private static Map<String, Object> done(Api api, BenchmarkSettings settings, BenchmarkOutput output) {
        var details = new LinkedHashMap<String, Object>();
        details.put("heapBytesBefore", heapBytes());
        long started = System.nanoTime();
        var id = api.submit(job(PROBLEMS, Workload.MODEL, settings.seed()));
        details.put("heapBytesAccepted", heapBytes());
        boolean halfWay = false;
        var job = api.job(id);
        while (job.get("endedAt").isNull()) {
            if (System.nanoTime() - started > PATIENCE.toNanos()) {
                throw new BenchmarkFailure("the job must be done within " + PATIENCE + ": " + job.get("counts"));
            }
            if (!halfWay && job.at("/counts/succeeded").intValue() >= PROBLEMS / 2) {
                halfWay = true;
                details.put("heapBytesHalfWay", heapBytes());
            }
            output.progress(job.at("/counts/succeeded") + " problems done");
            BenchNode.pause(Duration.ofSeconds(5));
            job = api.job(id);
        }
        double seconds = seconds(Duration.ofNanos(System.nanoTime() - started));
        details.put("heapBytesAfter", heapBytes());
        details.put("succeeded", job.at("/counts/succeeded").intValue());
        details.put("results", api.results(id));
        details.put("donePerSecond", PROBLEMS / seconds);
        return details;
    }

    /** In use after a collection. */
    private static long heapBytes() {
        System.gc();
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    // ---- many small jobs

    private static Figure smallJobs(Api api, BenchmarkSettings settings, BenchmarkOutput output, Path directory) {
        output.progress("accepting jobs of one problem, " + CLIENTS + " at once");
        var body = job(1, NOBODY, settings.seed());
        acceptAtOnce(api, body, SMALL_JOBS);
        var took = acceptAtOnce(api, body, SMALL_JOBS);
        double rate = SMALL_JOBS / seconds(took);
        double bare = SMALL_JOBS
                / seconds(RawInserts.into(directory, rows(SMALL_JOBS * ROWS_OF_A_JOB), CLIENTS * ROWS_OF_A_JOB));
        return new Figure(
                "jobs of one problem",
                rate / bare,
                Figure.Direction.HIGHER,
                GOAL,
                bare,
                rate,
                "jobs/s",
                settings.seed(),
                Map.of("clients", CLIENTS));
    }

    private static Duration acceptAtOnce(Api api, String body, int jobs) {
        try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
            long started = System.nanoTime();
            Callable<List<String>> client = () -> {
                var mine = new ArrayList<String>();
                for (int job = 0; job < jobs / CLIENTS; job++) {
                    mine.add(api.submit(body));
                }
                return mine;
            };
            var ids = new ArrayList<String>();
            for (var each : threads.invokeAll(Collections.nCopies(CLIENTS, client))) {
                ids.addAll(each.get());
            }
            var took = Duration.ofNanos(System.nanoTime() - started);
            ids.forEach(api::cancel);
            return took;
        } catch (ExecutionException failed) {
            throw new BenchmarkFailure("every job must be accepted: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkFailure("interrupted");
        }
    }

    // ---- what is asked

    private static List<Change.Question> rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(row -> new Change.Question("p" + (row + 1), Prompt.question(question(row))))
                .toList();
    }

    private static String question(int row) {
        return "Evaluate " + row + " + 4.";
    }

    private static String job(int problems, String model, long seed) {
        var job = JSON.createObjectNode();
        var list = job.putArray("problems");
        for (int row = 0; row < problems; row++) {
            list.addObject().put("question", question(row));
        }
        job.putObject("method").put("id", "greedy");
        return job.put("policy", model).put("prm", model).put("seed", seed).toString();
    }

    /** The API, as a client sees it. */
    private record Api(HttpClient http, String url) {
        String submit(String body) {
            return read(request("").POST(BodyPublishers.ofString(body)))
                    .get("id")
                    .textValue();
        }

        void cancel(String job) {
            read(request("/" + job + "/cancel").POST(BodyPublishers.noBody()));
        }

        JsonNode job(String id) {
            return read(request("/" + id).GET());
        }

        /** How many problems have a result. */
        long results(String job) {
            return text(request("/" + job + "/results").GET()).lines().count();
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(url + path)).header("Content-Type", "application/json");
        }

        private JsonNode read(HttpRequest.Builder request) {
            try {
                return JSON.readTree(text(request));
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        private String text(HttpRequest.Builder request) {
            try {
                var answer = http.send(request.build(), BodyHandlers.ofString());
                if (answer.statusCode() >= 300) {
                    throw new BenchmarkFailure("the API must not refuse: said " + answer.body());
                }
                return answer.body();
            } catch (IOException failed) {
                throw new BenchmarkFailure("the API must answer: " + failed, failed);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new BenchmarkFailure("interrupted");
            }
        }
    }

    // ---- numbers

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static double[] sorted(double[] values) {
        return Arrays.stream(values).sorted().toArray();
    }

    private static double median(double[] values) {
        return sorted(values)[values.length / 2];
    }

    private static void remove(Path directory) {
        if (directory == null) {
            return;
        }
        try (var inside = Files.walk(directory)) {
            for (var path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException stays) {
            throw new UncheckedIOException(stays);
        }
    }
}
