package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** One process holds thousands of calls to a slow server; benchmark B3 tells at which share of Little's law. */
@EnabledIfSystemProperty(named = "long.tests", matches = "true")
class ManyCallsTest {
    private static final int SLOTS = 2000;
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

    /** Nobody is answered before all are there. */
    @Test
    void manyCallsAreUnderWayAtOnce() throws Exception {
        var there = new CountDownLatch(SLOTS);
        server.always(FakeServer.together(there));

        var calls = new CompletableFuture<?>[SLOTS];
        for (int seed = 0; seed < SLOTS; seed++) {
            calls[seed] = policy.run(FaultsTest.request(seed))
                    .thenAccept(result -> assertThat(result).isInstanceOf(ExtendResult.Generated.class));
        }

        CompletableFuture.allOf(calls).get(PATIENCE_MINUTES, TimeUnit.MINUTES);
        assertThat(server.mostRunning()).isEqualTo(SLOTS);
    }
}
