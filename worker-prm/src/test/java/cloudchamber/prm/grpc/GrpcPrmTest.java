package cloudchamber.prm.grpc;

import cloudchamber.prm.StepScorer;
import cloudchamber.prm.StepScorerContract;
import cloudchamber.prm.remote.RemotePrm;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.grpc.GrpcServer;
import cloudchamber.worker.remote.RemoteSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;

/** A PRM of ours behind the gRPC contract is as good as one in this process. */
class GrpcPrmTest extends StepScorerContract {
    private GrpcServer server;

    @Override
    protected StepScorer scorer() {
        try {
            server = GrpcServer.start(0, List.of(new RewardService(new CharacterPrm())));
            var settings = RemoteSettings.at(URI.create("http://127.0.0.1:" + server.port()))
                    .withSlots(4)
                    .withPatience(Duration.ofSeconds(20));
            return RemotePrm.connect("over-there", settings, new GrpcDialect(new GrpcChannel(settings)));
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    /** Scores a step by its characters. */
    private record CharacterPrm() implements StepScorer {
        private static final int CONTEXT = 1000;

        @Override
        public ServedModel model() {
            return new ServedModel(
                    "characters", "00", "none", new NumericsClass("own", "any", "00", "exact"), 4, CONTEXT);
        }

        @Override
        public CompletableFuture<ScoreResult> run(ScoreRequest request) {
            var texts = request.prefix().stream().map(PrefixStep::text).toList();
            boolean tooLong = texts.stream().mapToInt(String::length).sum() > CONTEXT;
            return CompletableFuture.completedFuture(
                    tooLong
                            ? new ScoreResult.NotScored(
                                    request.key(),
                                    request.lease(),
                                    new Refusal(Category.CONTEXT_OVERFLOW, "too long"),
                                    Usage.NONE)
                            : new ScoreResult.PrefixScored(
                                    request.key(),
                                    request.lease(),
                                    texts.stream()
                                            .map(text -> text.hashCode() / 1e9)
                                            .toList(),
                                    Usage.NONE));
        }

        @Override
        public void close() {}
    }

    @Override
    protected Prompt prompt() {
        return Prompt.question("What is 1 + 2 + 3?");
    }

    @Override
    protected List<List<PrefixStep>> prefixes() {
        var first = new PrefixStep("1 + 2 = 3\n\n", List.of());
        var second = new PrefixStep("3 + 3 = 6\n\n", List.of());
        return List.of(List.of(first), List.of(second), List.of(first, second));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return List.of(new PrefixStep("a".repeat(3000), List.of()));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of());
    }
}
