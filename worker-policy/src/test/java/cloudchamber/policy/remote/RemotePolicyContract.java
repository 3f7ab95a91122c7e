package cloudchamber.policy.remote;

import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.StepGeneratorContract;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.ToyModel;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The contract of policies, through a wire, against a server that serves the toy model. */
abstract class RemotePolicyContract extends StepGeneratorContract {
    private FakeServer server;

    /** A server that behaves. */
    abstract FakeServer server();

    /** The dialect under test. */
    abstract PolicyDialect dialect(RemoteSettings settings);

    @Override
    protected final StepGenerator generator() {
        server = server();
        try {
            var settings = RemoteSettings.at(server.url()).withSlots(8).withPatience(Duration.ofSeconds(20));
            return RemotePolicy.connect("toy-policy", settings, dialect(settings));
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
        return Prompt.question("What comes next?");
    }

    @Override
    protected Optional<String> text(List<Integer> tokenIds) {
        return tokenIds.isEmpty() ? Optional.empty() : Optional.of(ToyModel.text(tokenIds));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return List.of(new PrefixStep("a".repeat(3000), Collections.nCopies(3000, (int) 'a')));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of(new PrefixStep("?", List.of(60000))));
    }
}
