package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.problem.MixIns;
import cloudchamber.coordinator.sweep.SweepPlan.Cell;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Follows a sweep on a server and writes a result for each problem and cell as it comes. */
public final class SweepFollower {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    private static final long LINE_MILLIS = 15_000;
    /** How long a list of problems may lag behind the count of those that are over. */
    private static final int MAX_IDLE_POLLS = 120;

    private static final ObjectMapper SETTINGS =
            JsonMapper.builder().addModule(new MixIns()).build();

    /**
     * How it went.
     *
     * @param failed problems of jobs that failed or were cancelled
     * @param firstFailure why the first did; empty if none
     * @param seconds this run took
     * @param generations this run saw
     */
    public record Outcome(int failed, String firstFailure, double seconds, long generations) {}

    /** @param generations of the problems that were over */
    private record Mark(long nanos, double generations) {}

    private static final long ETA_WINDOW_NANOS = 180_000_000_000L;

    private final ApiClient api;
    private final String sweep;
    private final SweepResults results;
    private final SlotTime slots;
    private final PrintWriter err;
    private final Map<String, Cell> cells = new LinkedHashMap<>();
    private final Map<String, List<Cell>> cellsOfJob = new LinkedHashMap<>();
    private final Map<String, CellJob> jobs = new HashMap<>();
    private final Set<String> failures = new HashSet<>();
    private final Map<String, Integer> collected = new HashMap<>();
    private final Map<String, Long> sizes = new HashMap<>();
    private final Deque<Mark> progress = new ArrayDeque<>();
    private String firstFailure = "";
    private long generations;
    private long tokens;
    private long fresh;
    private long right;

    public SweepFollower(ApiClient api, String sweep, SweepResults results, SlotTime slots, PrintWriter err) {
        this.api = api;
        this.slots = slots;
        this.sweep = sweep;
        this.results = results;
        this.err = err;
    }

    /** Whether the sweep still has a cell, as it was when it was last followed. */
    public boolean lists(String cell) {
        return cells.containsKey(cell);
    }

    /**
     * @param remote whether the server goes on without this process
     */
    public Outcome follow(boolean remote) throws InterruptedException {
        long started = System.nanoTime();
        read(api.get("/api/v1/sweeps/" + sweep));
        long expected = cells.values().stream().mapToLong(this::problems).sum();
        var hook = new Thread(() -> {
            err.println();
            err.println(
                    remote
                            ? "cloudchamber: the sweep goes on at the server; the same command follows it again"
                            : "cloudchamber: stopped; the same command goes on from here");
            err.flush();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try (var bar = bar(expected)) {
            long lastLine = started;
            int idle = 0;
            while (true) {
                var seen = api.get("/api/v1/sweeps/" + sweep);
                slots.look(api.cluster(), System.nanoTime());
                boolean ended = !seen.path("status").asText().equals("running");
                for (var job : seen.path("jobs")) {
                    collect(job);
                }
                results.force();
                double seconds = (System.nanoTime() - started) / 1e9;
                long done = results.lines().stream()
                        .filter(line -> cells.containsKey(line.path("cell").asText()))
                        .count();
                if (bar != null) {
                    bar.stepTo(done);
                    bar.setExtraMessage(" " + rates(seconds) + eta(seen));
                } else if ((System.nanoTime() - lastLine) / 1_000_000 > LINE_MILLIS) {
                    lastLine = System.nanoTime();
                    err.println(done + " of " + expected + " results, " + rates(seconds) + eta(seen));
                    err.flush();
                }
                idle = ended ? idle + 1 : 0;
                boolean told = collected.equals(over(seen)) || idle > MAX_IDLE_POLLS;
                if (ended && told && !seen.path("status").asText().equals("paused")) {
                    return new Outcome(failures.size(), firstFailure, seconds, generations);
                }
                Thread.sleep(POLL_INTERVAL);
            }
        } finally {
            forget(hook);
        }
    }

    /** While the program ends, nothing is to be taken back any more: the hook has spoken. */
    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return;
        }
    }

    private static ProgressBar bar(long expected) {
        if (System.console() == null || !System.console().isTerminal()) {
            return null;
        }
        return new ProgressBarBuilder()
                .setTaskName("sweep")
                .setInitialMax(expected)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .hideEta()
                .build();
    }

    private String rates(double seconds) {
        return String.format(
                Locale.ROOT,
                "%.1f results/s, %.0f tokens/s, accuracy so far %.3f",
                fresh / seconds,
                tokens / seconds,
                fresh == 0 ? 0 : (double) right / fresh);
    }

    /** What is left by generations, for results of large budgets take longer, at the rate of the last minutes. */
    private String eta(JsonNode document) {
        double rest = 0;
        double over = 0;
        for (var job : document.path("jobs")) {
            var served = cellsOfJob.getOrDefault(job.path("id").asText(), List.of());
            int budget = served.stream()
                    .mapToInt(cell -> cell.method().budget())
                    .max()
                    .orElse(0);
            over += (double) budget * overOf(job);
            rest += budget * (job.path("counts").path("total").asDouble() - overOf(job));
        }
        progress.addLast(new Mark(System.nanoTime(), over));
        while (progress.getLast().nanos() - progress.getFirst().nanos() > ETA_WINDOW_NANOS) {
            progress.removeFirst();
        }
        double gained = over - progress.getFirst().generations();
        double seconds = (progress.getLast().nanos() - progress.getFirst().nanos()) / 1e9;
        return gained <= 0 ? "" : ", about " + duration(rest * seconds / gained) + " left";
    }

    private static String duration(double seconds) {
        return seconds < 180
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : seconds < 10_800
                        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
                        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }

    private void read(JsonNode document) {
        for (var node : document.path("cells")) {
            var cell = new Cell(
                    node.path("id").asText(),
                    node.path("job").asText(),
                    node.path("dataSet").asText(),
                    node.path("policy").asText(),
                    node.path("prm").asText(),
                    method(node.path("method")),
                    node.path("temperature").asDouble(),
                    node.path("seed").asLong(),
                    axes(node.path("axes")));
            cells.put(cell.id(), cell);
            cellsOfJob.computeIfAbsent(cell.job(), job -> new ArrayList<>()).add(cell);
        }
        for (var node : document.path("jobs")) {
            sizes.put(
                    node.path("id").asText(), node.path("counts").path("total").asLong());
        }
    }

    private long problems(Cell cell) {
        return sizes.getOrDefault(cell.job(), 0L);
    }

    private static MethodSettings method(JsonNode node) {
        try {
            return SETTINGS.treeToValue(node, MethodSettings.class);
        } catch (JsonProcessingException unknown) {
            throw CommandFailure.unavailable(
                    "the server's methods must be known here: " + unknown.getOriginalMessage());
        }
    }

    private static Map<String, String> axes(JsonNode node) {
        var axes = new TreeMap<String, String>();
        node.properties()
                .forEach(axis -> axes.put(axis.getKey(), axis.getValue().asText()));
        return axes;
    }

    /** How many problems of each job with cells here are over; jobs with none are left out. */
    private Map<String, Integer> over(JsonNode document) {
        var over = new HashMap<String, Integer>();
        for (var job : document.path("jobs")) {
            var id = job.path("id").asText();
            if (cellsOfJob.containsKey(id) && overOf(job) > 0) {
                over.put(id, overOf(job));
            }
        }
        return over;
    }

    private static int overOf(JsonNode job) {
        var counts = job.path("counts");
        return counts.path("succeeded").asInt()
                + counts.path("failed").asInt()
                + counts.path("cancelled").asInt();
    }

    /** Writes what is new of a job, once for each cell it serves. */
    private void collect(JsonNode job) {
        var id = job.path("id").asText();
        int over = overOf(job);
        if (over <= collected.getOrDefault(id, 0) || !cellsOfJob.containsKey(id)) {
            return;
        }
        var served = cellsOfJob.get(id);
        var document = api.get(
                "/api/v1/sweeps/" + sweep + "/cells/" + served.getFirst().id());
        int seen = 0;
        for (var problem : document.path("problems")) {
            var status = problem.path("status").asText();
            if (status.equals("queued") || status.equals("running")) {
                continue;
            }
            seen++;
            var name = problem.path("id").asText();
            if (!status.equals("succeeded")) {
                fail(id, name, status);
            } else if (served.stream().anyMatch(cell -> !results.has(cell.id(), name))) {
                write(
                        served,
                        document.path("grader").asText(),
                        SweepLines.extraction(document.path("extraction")),
                        problem.path("answer").asText(),
                        api.problem(id, name));
            }
        }
        collected.put(id, seen);
    }

    private void write(List<Cell> served, String grader, Extraction extraction, String gold, JsonNode solved) {
        var job = job(served);
        for (var cell : served) {
            if (!results.has(cell.id(), solved.path("id").asText())) {
                var line = SweepLines.line(cell, job, grader, extraction, gold, solved);
                results.append(line);
                fresh++;
                right += line.path("correct").path(grader).asBoolean() ? 1 : 0;
            }
        }
        generations += job.method().budget();
        tokens += solved.path("cost").path("completionTokens").asLong();
    }

    private void fail(String job, String problem, String status) {
        if (failures.add(job + "/" + problem) && firstFailure.isEmpty()) {
            var reason = api.problem(job, problem).path("failure").asText("");
            firstFailure = problem + " of " + job + " " + status + (reason.isEmpty() ? "" : ": " + reason);
        }
    }

    /** The job that serves some cells, by the document of the server. */
    private CellJob job(List<Cell> served) {
        return jobs.computeIfAbsent(served.getFirst().job(), id -> {
            var document = api.get("/api/v1/jobs/" + id);
            var cell = served.getFirst();
            return new CellJob(
                    id,
                    cell.dataSet(),
                    method(document.path("method")),
                    document.path("policy").asText(),
                    document.path("prm").asText(),
                    null,
                    null,
                    List.of(),
                    cell.seed());
        });
    }
}
