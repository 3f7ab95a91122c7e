package cloudchamber.prm.grpc;

import cloudchamber.prm.remote.ScoreDialect;
import cloudchamber.protocol.grpc.inference.GRPCInferenceServiceGrpc;
import cloudchamber.protocol.grpc.inference.InferTensorContents;
import cloudchamber.protocol.grpc.inference.ModelInferRequest;
import cloudchamber.protocol.grpc.inference.ModelInferRequest.InferInputTensor;
import cloudchamber.protocol.grpc.inference.ModelInferResponse;
import cloudchamber.protocol.grpc.inference.ModelReadyRequest;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import com.google.protobuf.ByteString;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A PRM behind KServe or Triton, over the Open Inference Protocol: inputs {@code prompt} (BYTES, 1) and {@code steps}
 * (BYTES, n), output {@code scores} (FP32, n or 1), log-odds.
 */
public final class InferenceDialect implements ScoreDialect {
    private static final Duration READY_LIMIT = Duration.ofSeconds(15);
    private static final String SCORES = "scores";

    private final GrpcChannel channel;
    private final GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub;
    private final String model;
    private final int contextTokens;

    /**
     * @param channel closed with this
     * @param model as the server names it
     * @param contextTokens what the model reads at most; the protocol does not tell
     */
    public InferenceDialect(GrpcChannel channel, String model, int contextTokens) {
        this.channel = channel;
        this.stub = GRPCInferenceServiceGrpc.newBlockingStub(channel.channel());
        this.model = model;
        this.contextTokens = contextTokens;
    }

    @Override
    public Served describe() throws InterruptedException {
        var request = ModelReadyRequest.newBuilder().setName(model).build();
        var ready = GrpcChannel.calling(() -> channel.within(stub, READY_LIMIT).modelReady(request));
        if (!ready.getReady()) {
            throw new RemoteTrouble(Category.BACKEND_UNAVAILABLE, "the model [" + model + "] must be ready: is not");
        }
        return new Served(model, "open-inference", "prompt-steps", contextTokens, "float32-log-odds");
    }

    @Override
    public int batch() {
        return 1;
    }

    @Override
    public List<Answer> score(List<Asked> asked) throws InterruptedException {
        var one = asked.getFirst();
        var prompt = one.prompt().messages().stream().map(Message::content).collect(Collectors.joining("\n\n"));
        var request = ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(texts("prompt", List.of(prompt)))
                .addInputs(texts("steps", one.steps()))
                .build();
        var reply = GrpcChannel.calling(
                () -> channel.within(stub, channel.settings().limit(1)).modelInfer(request));
        return List.of(new Answer(scores(reply), Usage.NONE));
    }

    private static InferInputTensor texts(String name, List<String> texts) {
        return InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype("BYTES")
                .addShape(texts.size())
                .setContents(InferTensorContents.newBuilder()
                        .addAllBytesContents(
                                texts.stream().map(ByteString::copyFromUtf8).toList()))
                .build();
    }

    private static List<Double> scores(ModelInferResponse reply) {
        for (int index = 0; index < reply.getOutputsCount(); index++) {
            var output = reply.getOutputs(index);
            if (!output.getName().equals(SCORES)) {
                continue;
            }
            if (!output.getDatatype().equals("FP32")) {
                throw RemoteTrouble.invalid("scores must be FP32: were another type");
            }
            var values = index < reply.getRawOutputContentsCount()
                    ? raw(reply.getRawOutputContents(index))
                    : output.getContents().getFp32ContentsList();
            if (values.stream().anyMatch(value -> !Float.isFinite(value))) {
                throw RemoteTrouble.invalid("a score must be a finite number: one was not");
            }
            return values.stream().map(Float::doubleValue).toList();
        }
        throw RemoteTrouble.invalid("a reply must have the output " + SCORES + ": had not");
    }

    private static List<Float> raw(ByteString bytes) {
        var buffer = bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var values = new ArrayList<Float>();
        while (buffer.hasRemaining()) {
            values.add(buffer.get());
        }
        return values;
    }

    @Override
    public Optional<ServerLoad> load() {
        return Optional.empty();
    }

    @Override
    public void close() {
        channel.close();
    }
}
