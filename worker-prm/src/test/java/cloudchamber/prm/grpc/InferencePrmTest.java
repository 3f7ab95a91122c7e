package cloudchamber.prm.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prm.StepScorer;
import cloudchamber.prm.StepScorerContract;
import cloudchamber.prm.remote.RemotePrm;
import cloudchamber.protocol.grpc.inference.GRPCInferenceServiceGrpc;
import cloudchamber.protocol.grpc.inference.InferTensorContents;
import cloudchamber.protocol.grpc.inference.ModelInferRequest;
import cloudchamber.protocol.grpc.inference.ModelInferResponse;
import cloudchamber.protocol.grpc.inference.ModelInferResponse.InferOutputTensor;
import cloudchamber.protocol.grpc.inference.ModelReadyRequest;
import cloudchamber.protocol.grpc.inference.ModelReadyResponse;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.grpc.GrpcServer;
import cloudchamber.worker.remote.RemoteSettings;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InferencePrmTest extends StepScorerContract {
    private final Inference inference = new Inference();
    private GrpcServer server;

    @Override
    protected StepScorer scorer() {
        try {
            server = GrpcServer.start(0, List.of(inference));
            var settings = RemoteSettings.at(URI.create("http://127.0.0.1:" + server.port()))
                    .withSlots(4)
                    .withPatience(Duration.ofSeconds(20));
            return RemotePrm.connect("triton", settings, new InferenceDialect(new GrpcChannel(settings), "prm", 1000));
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    /** A model server that scores a step by its characters, in whichever of the two forms of a tensor. */
    private static final class Inference extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
        private volatile boolean raw;
        private volatile float scale = 1;

        @Override
        public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
            observer.onNext(ModelReadyResponse.newBuilder()
                    .setReady(request.getName().equals("prm"))
                    .build());
            observer.onCompleted();
        }

        @Override
        public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
            var steps = request.getInputs(1).getContents().getBytesContentsList();
            if (steps.stream().mapToInt(ByteString::size).sum() > 1000) {
                observer.onError(Status.INVALID_ARGUMENT
                        .withDescription("the input is longer than the context")
                        .asRuntimeException());
                return;
            }
            var output = InferOutputTensor.newBuilder()
                    .setName("scores")
                    .setDatatype("FP32")
                    .addShape(steps.size());
            var reply = ModelInferResponse.newBuilder();
            var bytes = ByteBuffer.allocate(4 * steps.size()).order(ByteOrder.LITTLE_ENDIAN);
            var contents = InferTensorContents.newBuilder();
            for (var step : steps) {
                float score = scale * (step.hashCode() % 1000) / 100f;
                bytes.putFloat(score);
                contents.addFp32Contents(score);
            }
            if (raw) {
                reply.addOutputs(output).addRawOutputContents(ByteString.copyFrom(bytes.flip()));
            } else {
                reply.addOutputs(output.setContents(contents));
            }
            observer.onNext(reply.build());
            observer.onCompleted();
        }
    }

    @Test
    void bothFormsOfATensorAreRead() {
        var plain = logOdds(run(request(1, prefixes().getFirst())));
        inference.raw = true;
        var other = logOdds(run(request(1, prefixes().getLast())));

        assertThat(other.getFirst()).isEqualTo(plain.getFirst());
    }

    @Test
    void scoreThatIsNoNumberIsRefused() {
        inference.scale = Float.NaN;

        var result = run(request(1, prefixes().getFirst()));

        assertThat(result).isInstanceOf(ScoreResult.NotScored.class);
        assertThat(((ScoreResult.NotScored) result).refusal().category()).isEqualTo(Category.BACKEND_INVALID);
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
