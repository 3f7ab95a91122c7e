package cloudchamber.bench;

import cloudchamber.node.ChildJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A worker's node in a JVM of its own; it ends with its parent. */
final class WorkerProcess implements AutoCloseable {
    private static final String READY = "ready";

    /**
     * What one has done.
     *
     * @param ownBytes sent in messages to coordinators
     * @param clusterBytes sent otherwise
     * @param heapBytes in use after a collection
     * @param meanLateMicros how late the simulated latencies were
     * @param repeatedSteps asked for after another try had been lost
     */
    record Report(
            long ownBytes,
            long clusterBytes,
            long heapBytes,
            double meanLateMicros,
            long maxLateMicros,
            long repeatedSteps) {}

    private final Process process;
    private final BufferedReader out;
    private final PrintWriter in;

    private WorkerProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.in = new PrintWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
    }

    /** Starts one that joins the node at {@code port}. */
    static WorkerProcess start(int port, int slots, int characters, Law policy, int prmSlots, Law prm) {
        var started = new WorkerProcess(launch(
                WorkerProcess.class,
                List.of("" + port, "" + slots, "" + characters, policy.word(), "" + prmSlots, prm.word())));
        started.expect(READY);
        return started;
    }

    /** Starts a JVM like this one with another main class. */
    static Process launch(Class<?> main, List<String> arguments) {
        var command = new ArrayList<>(ChildJava.command(main, List.of()));
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException failed) {
            throw new BenchmarkFailure("a process of the benchmark could not be started: " + failed, failed);
        }
    }

    private String expect(String start) {
        try {
            for (var line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(start)) {
                    return line;
                }
            }
            throw new BenchmarkFailure("a worker process ended before it said [" + start + "]");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** What it has done so far. */
    Report report() {
        in.println("report");
        var words = expect("report ").split(" ");
        return new Report(
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Double.parseDouble(words[4]),
                Long.parseLong(words[5]),
                Long.parseLong(words[6]));
    }

    /** Processor time since it started. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** kill -9. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        in.close();
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The process itself. */
    public static void main(String[] arguments) throws IOException {
        org.slf4j.LoggerFactory.getILoggerFactory();
        try (var node = BenchNode.start("policy", Integer.parseInt(arguments[0]), Map.of())) {
            var latency = node.startPolicy(
                    Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Law.of(arguments[3]));
            node.startPrm(Integer.parseInt(arguments[4]), Law.of(arguments[5]));
            node.spawn(Echo.create(), "echo");
            System.out.println(READY);
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                System.gc();
                var runtime = Runtime.getRuntime();
                System.out.println("report " + WireCount.ownBytes() + " " + WireCount.clusterBytes() + " "
                        + (runtime.totalMemory() - runtime.freeMemory()) + " " + latency.meanLateMicros() + " "
                        + latency.maxLateMicros() + " " + BenchPolicy.repeated());
            }
        }
        System.exit(0);
    }
}
