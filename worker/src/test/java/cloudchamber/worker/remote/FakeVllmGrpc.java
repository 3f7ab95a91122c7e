package cloudchamber.worker.remote;

import cloudchamber.protocol.grpc.vllm.GenerateComplete;
import cloudchamber.protocol.grpc.vllm.GenerateRequest;
import cloudchamber.protocol.grpc.vllm.GenerateResponse;
import cloudchamber.protocol.grpc.vllm.GetLoadsRequest;
import cloudchamber.protocol.grpc.vllm.GetLoadsResponse;
import cloudchamber.protocol.grpc.vllm.GetModelInfoRequest;
import cloudchamber.protocol.grpc.vllm.GetModelInfoResponse;
import cloudchamber.protocol.grpc.vllm.InputLogProbs;
import cloudchamber.protocol.grpc.vllm.OutputLogProbs;
import cloudchamber.protocol.grpc.vllm.SchedulerLoad;
import cloudchamber.protocol.grpc.vllm.VllmEngineGrpc;
import cloudchamber.worker.grpc.GrpcServer;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;

/** A fake of vLLM's gRPC engine that serves the toy model, in the words of the recorded exchanges. */
public final class FakeVllmGrpc extends VllmEngineGrpc.VllmEngineImplBase implements ToyServer {
    private final Queue<BiConsumer<GenerateRequest, StreamObserver<GenerateResponse>>> script =
            new ConcurrentLinkedQueue<>();
    private final Queue<GenerateRequest> received = new ConcurrentLinkedQueue<>();
    private final GrpcServer server;
    private volatile SchedulerLoad load =
            SchedulerLoad.newBuilder().setNumRunningReqs(1).build();

    private final ToyModel.Drawing model;

    public FakeVllmGrpc() {
        this(ToyModel::draw);
    }

    /** One that serves another model of the toy's tokens. */
    public FakeVllmGrpc(ToyModel.Drawing model) {
        this.model = model;
        try {
            server = GrpcServer.start(0, List.of(this));
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
    }

    @Override
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** What the next request for generation gets instead of an honest answer. */
    public void next(BiConsumer<GenerateRequest, StreamObserver<GenerateResponse>> instead) {
        script.add(instead);
    }

    /** Says from now on that so many requests wait. */
    public void says(SchedulerLoad load) {
        this.load = load;
    }

    public List<GenerateRequest> received() {
        return List.copyOf(received);
    }

    @Override
    public void getModelInfo(GetModelInfoRequest request, StreamObserver<GetModelInfoResponse> answer) {
        one(
                answer,
                GetModelInfoResponse.newBuilder()
                        .setServedModelName("toy")
                        .setIsGeneration(true)
                        .setMaxContextLength(ToyModel.CONTEXT)
                        .setVocabSize(ToyModel.VOCABULARY)
                        .addEosTokenIds(ToyModel.END)
                        .build());
    }

    @Override
    public void getLoads(GetLoadsRequest request, StreamObserver<GetLoadsResponse> answer) {
        one(
                answer,
                GetLoadsResponse.newBuilder()
                        .setVersion("0.32.0")
                        .addLoads(load)
                        .build());
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> answer) {
        received.add(request);
        var instead = script.poll();
        if (instead != null) {
            instead.accept(request, answer);
            return;
        }
        List<Integer> prompt = request.hasText()
                ? ToyModel.tokens(request.getText())
                : request.getTokenized().getInputIdsList();
        var refusal = refusal(prompt);
        if (refusal != null) {
            answer.onError(refusal.asRuntimeException());
            return;
        }
        one(
                answer,
                GenerateResponse.newBuilder()
                        .setComplete(drawn(request, prompt))
                        .build());
    }

    private static Status refusal(List<Integer> prompt) {
        if (prompt.size() > ToyModel.CONTEXT) {
            return Status.INVALID_ARGUMENT.withDescription("The decoder prompt (length " + prompt.size()
                    + ") is longer than the maximum model length of " + ToyModel.CONTEXT + ".");
        }
        return prompt.stream().anyMatch(token -> token >= ToyModel.VOCABULARY)
                ? Status.INVALID_ARGUMENT.withDescription("a token id is out of vocabulary")
                : null;
    }

    private GenerateComplete drawn(GenerateRequest request, List<Integer> prompt) {
        var sampling = request.getSamplingParams();
        var drawn = model.draw(
                prompt, sampling.getTemperature(), sampling.getSeed(), sampling.getMaxTokens(), sampling.getStopList());
        var complete = GenerateComplete.newBuilder()
                .addAllOutputIds(drawn.tokens())
                .setFinishReason(drawn.reason())
                .setPromptTokens(prompt.size())
                .setCompletionTokens(drawn.tokens().size())
                .setCachedTokens(prompt.size() / 2);
        drawn.stop().ifPresent(complete::setMatchedStopStr);
        if (sampling.hasLogprobs()) {
            complete.setOutputLogprobs(OutputLogProbs.newBuilder()
                    .addAllTokenLogprobs(Collections.nCopies(drawn.tokens().size(), -0.5f)));
        }
        if (sampling.hasPromptLogprobs()) {
            complete.setInputLogprobs(
                    InputLogProbs.newBuilder().addTokenIds(ToyModel.BEGINNING).addAllTokenIds(prompt));
        }
        return complete.build();
    }

    /** Answers with one message. */
    public static <T> void one(StreamObserver<T> answer, T message) {
        answer.onNext(message);
        answer.onCompleted();
    }

    @Override
    public void close() {
        server.close();
    }
}
