package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.template.ChatTemplate;
import cloudchamber.protocol.policy.ExtendResult;
import cloudchamber.worker.SimulatedLatency;
import cloudchamber.worker.remote.FakeServer.Misbehaviour;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** One process holds thousands of calls to a slow server. The figure is printed: a busy machine shows a lower one. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class ManyCallsTest {
    private static final int SLOTS = 2000;
    private static final int CALLS = 10_000;
    private static final Duration MEAN = Duration.ofSeconds(4);

    @Test
    void thousandsOfCallsAreUnderWayAtOnceAndNoneIsLost() throws Exception {
        try (var server = FakeVllm.start();
                var latency = new SimulatedLatency(MEAN, 0.5)) {
            var settings = RemoteSettings.at(server.url())
                    .withSlots(SLOTS)
                    .withTimeouts(Duration.ofMinutes(2), Duration.ofMillis(1));
            server.forgetRequests();
            var drawn = new AtomicLong();
            Misbehaviour slow = FakeVllm.after(latency, drawn::incrementAndGet);
            server.always(slow);
            try (var policy = RemotePolicy.connect(
                    "toy",
                    settings,
                    new VllmDialect(new HttpEndpoint(settings), new ChatTemplate.Question(), "", false))) {
                var next = new AtomicInteger();
                long began = System.nanoTime();
                var lanes = new CompletableFuture<?>[SLOTS];
                for (int lane = 0; lane < SLOTS; lane++) {
                    lanes[lane] = calls(policy, next);
                }
                CompletableFuture.allOf(lanes).get(10, TimeUnit.MINUTES);
                double seconds = (System.nanoTime() - began) / 1e9;

                // Little's law: SLOTS calls at once, each of the server's mean latency.
                double throughput = CALLS / seconds;
                double law = SLOTS / (MEAN.toMillis() / 1000.0);
                System.out.printf(
                        "calls=%d seconds=%.1f throughput=%.0f/s law=%.0f/s ratio=%.3f most-at-once=%d%n",
                        CALLS, seconds, throughput, law, throughput / law, server.mostRunning());
                assertThat(server.mostRunning()).isBetween(SLOTS * 9 / 10, SLOTS);
            }
        }
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
