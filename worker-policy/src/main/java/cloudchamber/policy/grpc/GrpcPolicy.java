package cloudchamber.policy.grpc;

import cloudchamber.policy.StepGenerator;
import cloudchamber.protocol.grpc.ExtendCall;
import cloudchamber.protocol.grpc.Extension;
import cloudchamber.protocol.grpc.PolicyModelGrpc;
import cloudchamber.protocol.grpc.Sampling;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.grpc.Messages;
import cloudchamber.worker.remote.RemoteCalls;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A policy behind a server of the gRPC contract. */
public final class GrpcPolicy implements StepGenerator {
    private static final Duration DESCRIBE_LIMIT = Duration.ofSeconds(15);

    private final GrpcChannel channel;
    private final PolicyModelGrpc.PolicyModelBlockingStub stub;
    private final RemoteCalls calls;
    private final ServedModel model;

    private GrpcPolicy(String name, GrpcChannel channel) throws InterruptedException {
        this.channel = channel;
        this.stub = PolicyModelGrpc.newBlockingStub(channel.channel());
        this.model = Messages.served(
                name,
                channel.settings().slots(),
                GrpcChannel.calling(() -> channel.within(stub, DESCRIBE_LIMIT).describe(Messages.DESCRIBE)));
        this.calls = new RemoteCalls(
                channel.settings().withSlots(model.slots()),
                () -> GrpcChannel.calling(
                        () -> channel.within(stub, DESCRIBE_LIMIT).describe(Messages.DESCRIBE)));
    }

    /**
     * Asks a server what it serves and stands in front of it.
     *
     * @param name by which jobs ask for the model
     * @throws RemoteTrouble if the server cannot be used
     */
    public static GrpcPolicy connect(String name, RemoteSettings settings) throws InterruptedException {
        var channel = new GrpcChannel(settings);
        try {
            return new GrpcPolicy(name, channel);
        } catch (RemoteTrouble | InterruptedException unusable) {
            channel.close();
            throw unusable;
        }
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        return calls.run(request.seed(), () -> extend(request), refusal -> refused(request, refusal));
    }

    private ExtendResult extend(ExtendRequest request) throws InterruptedException {
        var limit = channel.settings().limit(Math.min(request.maxStepTokens(), request.maxTokens()));
        return GrpcChannel.calling(() -> {
            var events = channel.within(stub, limit).extend(call(request));
            while (events.hasNext()) {
                var event = events.next();
                switch (event.getEventCase()) {
                    case PROGRESS -> {}
                    case EXTENSION -> {
                        return new ExtendResult.Generated(
                                request.key(),
                                request.lease(),
                                step(event.getExtension()),
                                Messages.usage(event.getExtension().getUsage()));
                    }
                    case REFUSAL -> throw Messages.trouble(event.getRefusal());
                    case EVENT_NOT_SET -> throw RemoteTrouble.invalid("an event must say something: was empty");
                }
            }
            throw RemoteTrouble.invalid("a call must end with an extension or a refusal: ended without");
        });
    }

    private static ExtendCall call(ExtendRequest request) {
        var sampling = request.sampling();
        var call = ExtendCall.newBuilder();
        if (request.prompt().templateArguments() != null) {
            call.setTemplateArguments(request.prompt().templateArguments());
        }
        return call.addAllPrompt(Messages.prompt(request.prompt()))
                .addAllPrefix(Messages.prefix(request.prefix()))
                .setSampling(Sampling.newBuilder()
                        .setTemperature(sampling.temperature())
                        .setTopK(sampling.topK())
                        .setTopP(sampling.topP())
                        .setMinP(sampling.minP()))
                .setSeed(request.seed())
                .addAllStops(request.stops())
                .setMaxStepTokens(request.maxStepTokens())
                .setMaxTokens(request.maxTokens())
                .build();
    }

    private static Step step(Extension extension) {
        var end = switch (extension.getEnd()) {
            case STEP_END_STEP -> StepEnd.STEP;
            case STEP_END_SEQUENCE -> StepEnd.END;
            case STEP_END_STEP_TOKENS, STEP_END_PARTICLE_TOKENS, STEP_END_CONTEXT -> StepEnd.TRUNCATED;
            case STEP_END_UNSPECIFIED, UNRECOGNIZED ->
                throw RemoteTrouble.invalid("a step must say how it ended: did not");
        };
        var limit = switch (extension.getEnd()) {
            case STEP_END_STEP_TOKENS -> StepLimit.STEP_TOKENS;
            case STEP_END_PARTICLE_TOKENS -> StepLimit.PARTICLE_TOKENS;
            case STEP_END_CONTEXT -> StepLimit.CONTEXT;
            case STEP_END_STEP, STEP_END_SEQUENCE, STEP_END_UNSPECIFIED, UNRECOGNIZED -> StepLimit.NONE;
        };
        try {
            return new Step(
                    extension.getText(),
                    extension.getTokenIdsList(),
                    end,
                    limit,
                    extension.getLogProbability(),
                    extension.getLogProbabilityTokens());
        } catch (IllegalArgumentException impossible) {
            throw RemoteTrouble.invalid(impossible.getMessage());
        }
    }

    private static ExtendResult refused(ExtendRequest request, Refusal refusal) {
        return new ExtendResult.NotExtended(request.key(), request.lease(), refusal, Usage.NONE);
    }

    @Override
    public void close() {
        calls.close();
        channel.close();
    }
}
