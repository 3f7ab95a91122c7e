package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.template.ChatTemplate;
import cloudchamber.protocol.policy.ExtendResult;
import cloudchamber.worker.SimulatedLatency;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** One process holds thousands of calls to a slow server. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class ManyCallsTest {
    private static final int SLOTS = 2000;
    private static final int AT_ONCE = SLOTS / 4;
    private static final int CALLS = 8000;
    private static final Duration MEAN = Duration.ofSeconds(4);
    private static final long PATIENCE_MINUTES = 10;

    private final FakeServer server = FakeVllm.start();
    private RemotePolicy policy;

    @BeforeEach
    void connect() throws InterruptedException {
        var settings = RemoteSettings.at(server.url())
                .withSlots(SLOTS)
                .withTimeouts(Duration.ofMinutes(PATIENCE_MINUTES), Duration.ofMillis(1));
        policy = RemotePolicy.connect(
                "toy", settings, new VllmDialect(new HttpEndpoint(settings), new ChatTemplate.Question(), "", false));
        server.forgetRequests();
    }

    @AfterEach
    void close() {
        policy.close();
        server.close();
    }

    /**
     * Nobody is answered before a quarter of all are there. Not all: a connection that is lost in the rush of 2,000
     * narrows the window of slots, as it should, and who waits for all then waits for ever.
     */
    @Test
    void manyCallsAreUnderWayAtOnce() throws Exception {
        var there = new CountDownLatch(AT_ONCE);
        server.always(FakeServer.together(there));

        var calls = new CompletableFuture<?>[SLOTS];
        for (int seed = 0; seed < SLOTS; seed++) {
            calls[seed] = policy.run(FaultsTest.request(seed))
                    .thenAccept(result -> assertThat(result).isInstanceOf(ExtendResult.Generated.class));
        }

        CompletableFuture.allOf(calls).get(PATIENCE_MINUTES, TimeUnit.MINUTES);
        assertThat(server.mostRunning()).isGreaterThanOrEqualTo(AT_ONCE);
    }

    /**
     * Little's law: {@code SLOTS} calls at once, each of the server's mean latency. The share of it that is reached is
     * printed, with the processor time of a call, server included; a busy machine shows a smaller share.
     */
    @Test
    void theShareOfLittlesLawIsPrinted() throws Exception {
        try (var latency = new SimulatedLatency(MEAN, 0.5)) {
            var drawn = new AtomicLong();
            server.always(FakeVllm.after(latency, drawn::incrementAndGet));
            var next = new AtomicInteger();
            var cpu = cpuMillis();
            long began = System.nanoTime();
            var lanes = new CompletableFuture<?>[SLOTS];
            for (int lane = 0; lane < SLOTS; lane++) {
                lanes[lane] = calls(policy, next);
            }
            CompletableFuture.allOf(lanes).get(PATIENCE_MINUTES, TimeUnit.MINUTES);
            double seconds = (System.nanoTime() - began) / 1e9;

            double law = SLOTS / (MEAN.toMillis() / 1000.0);
            System.out.printf(
                    "calls=%d seconds=%.1f throughput=%.0f/s law=%.0f/s share=%.3f cpu-ms-per-call=%.2f%n",
                    CALLS, seconds, CALLS / seconds, law, CALLS / seconds / law, (cpuMillis() - cpu) / (double) CALLS);
            assertThat(drawn.get()).isGreaterThanOrEqualTo(CALLS);
        }
    }

    private static long cpuMillis() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    }

    /** One call after another until all are taken. */
    private static CompletableFuture<?> calls(RemotePolicy policy, AtomicInteger next) {
        int seed = next.getAndIncrement();
        if (seed >= CALLS) {
            return CompletableFuture.completedFuture(null);
        }
        return policy.run(FaultsTest.request(seed)).thenCompose(result -> {
            assertThat(result).isInstanceOf(ExtendResult.Generated.class);
            return calls(policy, next);
        });
    }
}
