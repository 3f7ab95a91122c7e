package cloudchamber.prm.remote;

import cloudchamber.prm.StepScorer;
import cloudchamber.prm.StepScorerContract;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The contract of PRMs, through a wire, against a fake server. */
abstract class RemotePrmContract extends StepScorerContract {
    private FakeServer server;

    /** A server that behaves. */
    abstract FakeServer server();

    /** The dialect under test. */
    abstract ScoreDialect dialect(HttpEndpoint endpoint);

    @Override
    protected final StepScorer scorer() {
        server = server();
        var settings = RemoteSettings.at(server.url()).withSlots(4).withPatience(Duration.ofSeconds(20));
        try {
            return RemotePrm.connect("toy-prm", settings, dialect(new HttpEndpoint(settings)));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @AfterEach
    final void stopServer() {
        server.close();
    }

    final FakeServer fake() {
        return server;
    }

    @Override
    protected final Prompt prompt() {
        return Prompt.question("What is 1 + 2 + 3?");
    }

    @Override
    protected final List<List<PrefixStep>> prefixes() {
        var first = new PrefixStep("1 + 2 = 3\n\n", List.of());
        var second = new PrefixStep("3 + 3 = 6\n\n", List.of());
        return List.of(List.of(first), List.of(second), List.of(first, second));
    }

    @Override
    protected final List<PrefixStep> oversizedPrefix() {
        return List.of(new PrefixStep("a".repeat(3000), List.of()));
    }

    @Override
    protected final Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of());
    }
}
