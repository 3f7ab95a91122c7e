package cloudchamber.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The streams of many open dashboards, read in a JVM of its own, so that reading is not counted; it ends with its parent. */
final class DashboardProcess implements AutoCloseable {
    /**
     * How many pages of each kind are open.
     *
     * @param problems each goes to the newest problem {@value #PAGE_MILLIS} ms after its own has ended
     */
    record Pages(int overviews, int jobs, int problems) {
        int count() {
            return overviews + jobs + problems;
        }
    }

    /** What came in since the start. */
    record Report(long events, long bytes) {}

    private static final String READY = "open";
    private static final int PAGE_MILLIS = 5000;

    private final Process process;
    private final BufferedReader out;
    private final PrintWriter in;

    private DashboardProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** Opens the pages of a job and waits until each has heard something. */
    static DashboardProcess open(int httpPort, String job, Pages pages) {
        var opened = new DashboardProcess(WorkerProcess.launch(
                DashboardProcess.class,
                List.of("" + httpPort, job, "" + pages.overviews(), "" + pages.jobs(), "" + pages.problems())));
        opened.read();
        return opened;
    }

    private String read() {
        try {
            var line = out.readLine();
            if (line == null) {
                throw new BenchmarkFailure("the dashboards' process ended early");
            }
            return line;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    Report report() {
        in.println("report");
        var words = read().split(" ");
        return new Report(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }

    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
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

    // ---- the process itself

    private static final Pattern STARTED = Pattern.compile("\\{\"id\":\"([^\"]+)\",\"status\":\"running\"");

    /** Reads streams until they end or the process does. */
    private static final class Reader {
        private final int port;
        private final String job;
        private final AtomicLong events = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();
        private final AtomicReference<String> newest = new AtomicReference<>("p1");

        Reader(int port, String job) {
            this.port = port;
            this.job = "/api/v1/jobs/" + job;
        }

        void overview(CountDownLatch heard) {
            stream("/api/v1/events", heard);
        }

        void job(CountDownLatch heard) {
            stream(job + "/events", heard);
        }

        void problems(CountDownLatch heard) {
            while (true) {
                stream(job + "/problems/" + newest.get() + "/events", heard);
                BenchNode.pause(Duration.ofMillis(PAGE_MILLIS));
            }
        }

        private void stream(String path, CountDownLatch heard) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream()
                        .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    bytes.addAndGet(line.length());
                    if (line.startsWith("data: ")) {
                        events.incrementAndGet();
                        heard.countDown();
                        var started = STARTED.matcher(line);
                        if (line.length() < 1000 && started.find()) {
                            newest.set(started.group(1));
                        }
                    }
                }
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }

    /** @param arguments the port, the job, and how many pages of each kind */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var reader = new Reader(Integer.parseInt(arguments[0]), arguments[1]);
        var heard = new ArrayList<CountDownLatch>();
        for (int overview = 0; overview < Integer.parseInt(arguments[2]); overview++) {
            heard.add(started(reader::overview));
        }
        for (int job = 0; job < Integer.parseInt(arguments[3]); job++) {
            heard.add(started(reader::job));
        }
        for (int problem = 0; problem < Integer.parseInt(arguments[4]); problem++) {
            heard.add(started(reader::problems));
        }
        for (var latch : heard) {
            latch.await();
        }
        System.out.println(READY);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.println(reader.events.get() + " " + reader.bytes.get());
        }
        System.exit(0);
    }

    private static CountDownLatch started(Consumer<CountDownLatch> page) {
        var heard = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> page.accept(heard));
        return heard;
    }
}
