package cloudchamber.bench;

import cloudchamber.policy.remote.RemotePolicy;
import cloudchamber.policy.remote.VllmDialect;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;

/** The part of B3 that goes over HTTP: a policy's backend in this process, the server in another. */
final class InFlightOverHttp {
    private static final Prompt PROMPT = Prompt.question("Evaluate 3 + 4.");

    private final RemotePolicy policy;
    private final LongUnaryOperator micros;
    private final long seed;
    private final AtomicLong calls = new AtomicLong();
    private final LongAdder latencyMicros = new LongAdder();
    private final LongAdder came = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile boolean over;

    private InFlightOverHttp(RemotePolicy policy, LongUnaryOperator micros, long seed) {
        this.policy = policy;
        this.micros = micros;
        this.seed = seed;
    }

    static Figure figure(int steps, long seed, Law law, Duration warmUp, Duration window, double goal) {
        try (var server = ModelServer.start(law)) {
            var settings = RemoteSettings.at(server.url()).withSlots(steps);
            try (var policy = RemotePolicy.connect(
                    "bench",
                    settings,
                    new VllmDialect(new HttpEndpoint(settings), new ChatTemplate.Question(), "", false))) {
                return new InFlightOverHttp(policy, law.micros(), seed).measured(steps, warmUp, window, goal);
            }
        } catch (RemoteTrouble unusable) {
            throw new BenchmarkFailure("the model server could not be used: " + unusable.getMessage(), unusable);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new BenchmarkFailure("stopped while the model server was asked", stopped);
        }
    }

    private Figure measured(int steps, Duration warmUp, Duration window, double goal) {
        for (int lane = 0; lane < steps; lane++) {
            next();
        }
        BenchNode.pause(warmUp);
        latencyMicros.reset();
        came.reset();
        long started = System.nanoTime();
        var processor = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        BenchNode.pause(window);
        double seconds = (System.nanoTime() - started) / 1e9;
        double measured = latencyMicros.sum() / 1e6;
        long count = came.sum();
        var spent = ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .minus(processor);
        over = true;
        return new Figure(
                "C=" + steps + " over HTTP",
                measured / (steps * seconds),
                Figure.Direction.HIGHER,
                goal,
                steps * seconds,
                measured,
                "s of latency",
                seed,
                Map.of(
                        "stepsPerSecond",
                        count / seconds,
                        "processorMicrosPerStep",
                        count == 0 ? 0.0 : spent.toNanos() / 1e3 / count,
                        "refused",
                        refused.sum()));
    }

    /** One call after another. */
    private void next() {
        long number = calls.incrementAndGet();
        var request = request(seed * 1_000_003 + number, number);
        policy.run(request).whenComplete((result, bug) -> {
            if (result instanceof ExtendResult.Generated) {
                latencyMicros.add(micros.applyAsLong(request.seed()));
                came.increment();
            } else {
                refused.increment();
            }
            if (!over) {
                next();
            }
        });
    }

    private static ExtendRequest request(long seed, long number) {
        var problem = "p" + number;
        return new ExtendRequest(
                new AttemptKey(new StepKey("bench", problem, 0, 0, 0, 0, Purpose.EXTEND), 1),
                1,
                "bench",
                PROMPT,
                new NodeReference("bench", problem, 0),
                List.of(),
                Sampling.atTemperature(0.8),
                seed,
                List.of("\n\n"),
                64,
                512);
    }
}
