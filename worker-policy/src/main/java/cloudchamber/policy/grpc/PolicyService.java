package cloudchamber.policy.grpc;

import cloudchamber.policy.StepGenerator;
import cloudchamber.protocol.grpc.DescribeRequest;
import cloudchamber.protocol.grpc.ExtendCall;
import cloudchamber.protocol.grpc.ExtendEvent;
import cloudchamber.protocol.grpc.Extension;
import cloudchamber.protocol.grpc.ModelDescription;
import cloudchamber.protocol.grpc.PolicyModelGrpc;
import cloudchamber.protocol.grpc.StepEnd;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.grpc.Messages;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicLong;

/** Offers a policy of ours under the gRPC contract. */
public final class PolicyService extends PolicyModelGrpc.PolicyModelImplBase {
    private final StepGenerator policy;
    private final AtomicLong calls = new AtomicLong();

    /**
     * @param policy stays the caller's to close
     */
    public PolicyService(StepGenerator policy) {
        this.policy = policy;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<ModelDescription> observer) {
        observer.onNext(Messages.description(policy.model()));
        observer.onCompleted();
    }

    @Override
    public void extend(ExtendCall call, StreamObserver<ExtendEvent> observer) {
        ExtendRequest request;
        try {
            request = request(call);
        } catch (IllegalArgumentException wrong) {
            answer(observer, refused(new Refusal(Category.INVALID_REQUEST, wrong.getMessage())));
            return;
        }
        var result = policy.run(request);
        if (observer instanceof ServerCallStreamObserver<ExtendEvent> cancellable) {
            cancellable.setOnCancelHandler(() -> result.cancel(false));
        }
        result.whenComplete((extended, failure) -> {
            if (failure != null) {
                observer.onError(
                        Status.INTERNAL.withDescription("the policy broke").asRuntimeException());
            } else {
                answer(observer, event(extended));
            }
        });
    }

    private static void answer(StreamObserver<ExtendEvent> observer, ExtendEvent event) {
        observer.onNext(event);
        observer.onCompleted();
    }

    private ExtendRequest request(ExtendCall call) {
        var sampling = call.getSampling();
        long number = calls.incrementAndGet();
        return new ExtendRequest(
                new AttemptKey(new StepKey("grpc", "call", 0, 0, 0, 0, Purpose.EXTEND), 1),
                number,
                policy.model().name(),
                Messages.prompt(call.getPromptList())
                        .withTemplateArguments(
                                call.getTemplateArguments().isEmpty() ? null : call.getTemplateArguments()),
                new NodeReference("grpc", "call", call.getPrefixCount()),
                Messages.steps(call.getPrefixList()),
                new Sampling(sampling.getTemperature(), sampling.getTopK(), sampling.getTopP(), sampling.getMinP()),
                call.getSeed(),
                call.getStopsList(),
                call.getMaxStepTokens(),
                call.getMaxTokens());
    }

    private static ExtendEvent event(ExtendResult result) {
        return switch (result) {
            case ExtendResult.NotExtended refused -> refused(refused.refusal());
            case ExtendResult.Generated generated ->
                ExtendEvent.newBuilder()
                        .setExtension(extension(generated.step()).setUsage(Messages.usage(generated.usage())))
                        .build();
        };
    }

    private static ExtendEvent refused(Refusal refusal) {
        return ExtendEvent.newBuilder().setRefusal(Messages.refusal(refusal)).build();
    }

    private static Extension.Builder extension(Step step) {
        return Extension.newBuilder()
                .setText(step.text())
                .addAllTokenIds(step.tokenIds())
                .setEnd(end(step))
                .setLogProbability(step.logProbability())
                .setLogProbabilityTokens(step.logProbabilityTokens());
    }

    private static StepEnd end(Step step) {
        return switch (step.end()) {
            case STEP -> StepEnd.STEP_END_STEP;
            case END -> StepEnd.STEP_END_SEQUENCE;
            case TRUNCATED ->
                switch (step.limit()) {
                    case STEP_TOKENS -> StepEnd.STEP_END_STEP_TOKENS;
                    case PARTICLE_TOKENS, PARTICLE_STEPS -> StepEnd.STEP_END_PARTICLE_TOKENS;
                    case CONTEXT -> StepEnd.STEP_END_CONTEXT;
                    case NONE -> throw new IllegalStateException("a truncated step names its limit");
                };
        };
    }
}
