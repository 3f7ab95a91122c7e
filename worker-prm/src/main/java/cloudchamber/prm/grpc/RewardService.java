package cloudchamber.prm.grpc;

import cloudchamber.prm.StepScorer;
import cloudchamber.protocol.grpc.DescribeRequest;
import cloudchamber.protocol.grpc.ModelDescription;
import cloudchamber.protocol.grpc.RewardModelGrpc;
import cloudchamber.protocol.grpc.Score;
import cloudchamber.protocol.grpc.ScoreAnswer;
import cloudchamber.protocol.grpc.ScoreCall;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.grpc.Messages;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicLong;

/** Offers a PRM of ours under the gRPC contract. */
public final class RewardService extends RewardModelGrpc.RewardModelImplBase {
    private final StepScorer prm;
    private final AtomicLong calls = new AtomicLong();

    /**
     * @param prm stays the caller's to close
     */
    public RewardService(StepScorer prm) {
        this.prm = prm;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<ModelDescription> observer) {
        observer.onNext(Messages.description(prm.model()));
        observer.onCompleted();
    }

    @Override
    public void score(ScoreCall call, StreamObserver<ScoreAnswer> observer) {
        ScoreRequest request;
        try {
            request = request(call);
        } catch (IllegalArgumentException wrong) {
            answer(observer, refused(new Refusal(Category.INVALID_REQUEST, wrong.getMessage())));
            return;
        }
        var result = prm.run(request);
        if (observer instanceof ServerCallStreamObserver<ScoreAnswer> cancellable) {
            cancellable.setOnCancelHandler(() -> result.cancel(false));
        }
        result.whenComplete((scored, failure) -> {
            if (failure != null) {
                observer.onError(
                        Status.INTERNAL.withDescription("the PRM broke").asRuntimeException());
            } else {
                answer(observer, answer(scored));
            }
        });
    }

    private static void answer(StreamObserver<ScoreAnswer> observer, ScoreAnswer answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    private ScoreRequest request(ScoreCall call) {
        return new ScoreRequest(
                new AttemptKey(new StepKey("grpc", "call", 0, 0, 0, 0, Purpose.SCORE), 1),
                calls.incrementAndGet(),
                prm.model().name(),
                Messages.prompt(call.getPromptList()),
                new NodeReference("grpc", "call", call.getPrefixCount()),
                Messages.steps(call.getPrefixList()));
    }

    private static ScoreAnswer answer(ScoreResult result) {
        return switch (result) {
            case ScoreResult.NotScored refused -> refused(refused.refusal());
            case ScoreResult.PrefixScored scored ->
                ScoreAnswer.newBuilder()
                        .setScore(Score.newBuilder()
                                .addAllLogOdds(scored.logOdds())
                                .setUsage(Messages.usage(scored.usage())))
                        .build();
        };
    }

    private static ScoreAnswer refused(Refusal refusal) {
        return ScoreAnswer.newBuilder().setRefusal(Messages.refusal(refusal)).build();
    }
}
