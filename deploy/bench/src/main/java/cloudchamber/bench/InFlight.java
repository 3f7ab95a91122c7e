package cloudchamber.bench;

import cloudchamber.protocol.wire.Role;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** B3: how many steps may be under way in one worker. */
final class InFlight implements Benchmark {
    private static final int STEPS = 2000;
    private static final Law LAW = new Law.LogNormal(4000, 1);
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final double GOAL = .97;

    @Override
    public String id() {
        return "B3";
    }

    @Override
    public String title() {
        return "2,000 steps in flight in one worker process, real time, mean latency 4 s";
    }

    @Override
    public String ideal() {
        return "Ideal, by Little's law: steps in flight times the time, all of it spent in the model. Score: the latencies of"
                + " the steps that came within the time, over that.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        if (settings.all()) {
            for (int steps : new int[] {64, 512}) {
                output.figure(figure(steps, settings.seed(), output));
            }
        }
        output.progress(STEPS + " steps in flight over HTTP, for "
                + WARM_UP.plus(WINDOW).toSeconds() + " s");
        output.figure(InFlightOverHttp.figure(STEPS, settings.seed(), LAW, WARM_UP, WINDOW, GOAL));
        return figure(STEPS, settings.seed(), output);
    }

    private static Figure figure(int steps, long seed, BenchmarkOutput output) {
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, Map.of())) {
            var dispatcher = node.startDispatcher();
            try (var worker = WorkerProcess.start(node.port(), steps, 240, LAW, 1, new Law.Constant(0))) {
                node.awaitWorkers(dispatcher, 2);
                long heapBefore = worker.report().heapBytes();
                output.progress(
                        steps + " steps in flight, for " + WARM_UP.plus(WINDOW).toSeconds() + " s");
                var micros = LAW.micros();
                var latencyMicros = new LongAdder();
                var came = new LongAdder();
                Lines.start(node, dispatcher, steps, seed, step -> {
                    latencyMicros.add(micros.applyAsLong(step.seed()));
                    came.increment();
                });
                BenchNode.pause(WARM_UP);
                latencyMicros.reset();
                came.reset();
                long started = System.nanoTime();
                BenchNode.pause(WINDOW);
                double seconds = (System.nanoTime() - started) / 1e9;
                double measured = latencyMicros.sum() / 1e6;
                double throughput = came.sum() / seconds;
                var report = worker.report();
                return new Figure(
                        "C=" + steps,
                        measured / (steps * seconds),
                        Figure.Direction.HIGHER,
                        GOAL,
                        steps * seconds,
                        measured,
                        "s of latency",
                        seed,
                        Map.of(
                                "stepsPerSecond",
                                throughput,
                                "workerHeapBytesPerStepInFlight",
                                (report.heapBytes() - heapBefore) / steps,
                                "meanLatencyErrorMicros",
                                report.meanLateMicros(),
                                "maxLatencyErrorMicros",
                                report.maxLateMicros()));
            }
        }
    }
}
