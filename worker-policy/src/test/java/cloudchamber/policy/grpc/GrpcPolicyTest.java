package cloudchamber.policy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.StepGeneratorContract;
import cloudchamber.policy.simulated.SimulatedPolicy;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.Hmm;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import cloudchamber.worker.grpc.GrpcServer;
import cloudchamber.worker.remote.RemoteSettings;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A policy of ours behind the gRPC contract is as good as one in this process. */
class GrpcPolicyTest extends StepGeneratorContract {
    private static final int CONTEXT_TOKENS = 8;
    private static final FiniteLanguage LANGUAGE = new Hmm(
            List.of(.6, .4, 0.0),
            List.of(List.of(.7, .3, 0.0), List.of(.2, .5, .3), List.of(0.0, 0.0, 1.0)),
            List.of(.9, .2, .5),
            5);
    private static final ServedModel MODEL = new ServedModel(
            "simulated", "00", "none", new NumericsClass("simulated", "any", "00", "exact"), 4, CONTEXT_TOKENS);

    private StepGenerator served;
    private GrpcServer server;

    @Override
    protected StepGenerator generator() {
        return connect(new SimulatedPolicy(MODEL, LANGUAGE, new SimulatedLatency(Duration.ofNanos(100_000), 1)));
    }

    private StepGenerator connect(StepGenerator policy) {
        try {
            served = policy;
            server = GrpcServer.start(0, List.of(new PolicyService(policy)));
            return GrpcPolicy.connect(
                    "over-there",
                    RemoteSettings.at(URI.create("http://127.0.0.1:" + server.port()))
                            .withPatience(Duration.ofSeconds(20)));
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @AfterEach
    void stopServer() {
        server.close();
        served.close();
    }

    @Override
    protected Prompt prompt() {
        return Prompt.question("any");
    }

    @Override
    protected Optional<String> text(List<Integer> tokenIds) {
        return Optional.of(tokenIds.stream().map(String::valueOf).collect(Collectors.joining()));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return Collections.nCopies(CONTEXT_TOKENS, new PrefixStep("0", List.of(0)));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of(new PrefixStep("x", List.of(0))));
    }

    @Test
    void stepsAndNumericsAreTheSameToTheLastBit() {
        var request = request(5, List.of());

        var direct = served.run(request).join();

        assertThat(step(run(request))).isEqualTo(step(direct));
    }

    @Test
    void cancellingReachesTheServer() throws Exception {
        stopServer();
        var held = new Held();
        try (var policy = connect(held)) {
            var future = policy.run(request(1, List.of()));
            await().atMost(Duration.ofSeconds(30)).until(() -> held.asked.getNumberOfDependents() > 0);

            future.cancel(false);

            await().atMost(Duration.ofSeconds(30)).until(held.asked::isCancelled);
        }
    }

    /** Never answers. */
    private static final class Held implements StepGenerator {
        private final CompletableFuture<ExtendResult> asked = new CompletableFuture<>();

        @Override
        public ServedModel model() {
            return MODEL;
        }

        @Override
        public CompletableFuture<ExtendResult> run(ExtendRequest request) {
            return asked;
        }

        @Override
        public void close() {}
    }

    @Test
    void serverTellsItsHealthAndItsServices() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        try {
            var health = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.newBuilder()
                            .setService("cloudchamber.worker.v1.PolicyModel")
                            .build());
            assertThat(health.getStatus()).isEqualTo(ServingStatus.SERVING);

            assertThat(services(channel).get(30, TimeUnit.SECONDS)).contains("cloudchamber.worker.v1.PolicyModel");
        } finally {
            channel.shutdownNow();
        }
    }

    private static CompletableFuture<List<String>> services(ManagedChannel channel) {
        var names = new CompletableFuture<List<String>>();
        var asking = ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new StreamObserver<>() {
            @Override
            public void onNext(ServerReflectionResponse response) {
                names.complete(response.getListServicesResponse().getServiceList().stream()
                        .map(ServiceResponse::getName)
                        .toList());
            }

            @Override
            public void onError(Throwable failure) {
                names.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
        asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        asking.onCompleted();
        return names;
    }
}
