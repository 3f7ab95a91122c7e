package cloudchamber.policy;

import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.ExtendResult.Generated;
import cloudchamber.protocol.wire.ExtendResult.NotExtended;
import cloudchamber.worker.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A policy whose thoughts have no more tokens than a request leaves to them: at the end of that the thought is closed. */
public final class ThinkingBudget implements StepGenerator {
    /*
     * A model writes what it writes; that a thought is too long is seen when its tokens are spent. So a particle that may
     * be thinking is asked for no more than those. If it thinks still, what closes its thought is put behind the step,
     * undrawn, and a step ends there. A whole generation goes on behind it, in a second call with a stream of its own.
     */
    private static final long SECOND_STREAM = 0x9E3779B97F4A7C15L;
    private static final String BEFORE_CLOSE = "\n";
    private static final String AFTER_CLOSE = "\n\n";

    private final StepGenerator policy;

    /** @param policy closed with this */
    public ThinkingBudget(StepGenerator policy) {
        this.policy = policy;
    }

    @Override
    public ServedModel model() {
        return policy.model();
    }

    @Override
    public CompletableFuture<List<Integer>> control(String before, String mark, String after) {
        return policy.control(before, mark, after);
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        if (request.maxThinkingTokens() == null || !mayThink(said(request))) {
            return policy.run(request);
        }
        int budget = request.maxThinkingTokens();
        if (budget == 0) {
            return Thoughts.open(said(request))
                    ? closed(request, new Generated(request.key(), request.lease(), NOTHING, Usage.NONE))
                    : policy.run(request);
        }
        if (budget >= Math.min(request.maxStepTokens(), request.maxTokens())) {
            return policy.run(request);
        }
        var first = policy.run(request.within(budget, request.maxTokens()));
        return cancelling(first, first.thenCompose(result -> switch (result) {
            case NotExtended refused -> CompletableFuture.completedFuture(refused);
            case Generated generated -> afterBudget(request, generated);
        }));
    }

    private static final Step NOTHING = new Step("", List.of(), StepEnd.TRUNCATED, StepLimit.STEP_TOKENS, 0, 0);

    private static String said(ExtendRequest request) {
        var said = new StringBuilder();
        request.prefix().forEach(step -> said.append(step.text()));
        return said.toString();
    }

    /** At its beginning, or inside a thought; one that was closed is not followed by another. */
    private static boolean mayThink(String said) {
        return Thoughts.open(said) || said.isBlank();
    }

    private CompletableFuture<ExtendResult> afterBudget(ExtendRequest request, Generated generated) {
        var step = generated.step();
        if (step.limit() != StepLimit.STEP_TOKENS) {
            return CompletableFuture.completedFuture(generated);
        }
        if (Thoughts.open(said(request) + step.text())) {
            return closed(request, generated);
        }
        return request.stops().isEmpty() ? goOn(request, generated) : CompletableFuture.completedFuture(generated);
    }

    private CompletableFuture<ExtendResult> closed(ExtendRequest request, Generated generated) {
        var step = generated.step();
        var mark = Thoughts.closing(said(request) + step.text());
        return control(BEFORE_CLOSE, mark, AFTER_CLOSE).thenCompose(ids -> {
            boolean told =
                    !ids.isEmpty() && (step.text().isEmpty() || !step.tokenIds().isEmpty());
            var tokenIds = new ArrayList<>(step.tokenIds());
            tokenIds.addAll(ids);
            var whole = new Generated(
                    generated.key(),
                    generated.lease(),
                    new Step(
                            step.text() + BEFORE_CLOSE + mark + AFTER_CLOSE,
                            told ? tokenIds : List.of(),
                            StepEnd.STEP,
                            StepLimit.NONE,
                            step.logProbability(),
                            step.logProbabilityTokens()),
                    generated.usage());
            return request.stops().isEmpty() ? goOn(request, whole) : CompletableFuture.completedFuture(whole);
        });
    }

    /** Who does not wait for the outcome does not wait for what leads to it. */
    private static CompletableFuture<ExtendResult> cancelling(
            CompletableFuture<ExtendResult> call, CompletableFuture<ExtendResult> outcome) {
        outcome.whenComplete((ended, failure) -> {
            if (outcome.isCancelled()) {
                call.cancel(false);
            }
        });
        return outcome;
    }

    /** The rest of a whole generation. */
    private CompletableFuture<ExtendResult> goOn(ExtendRequest request, Generated first) {
        var begun = first.step();
        long used = Math.max(begun.tokenIds().size(), first.usage().completionTokens());
        int left = (int) Math.max(1, request.maxTokens() - used);
        var prefix = new ArrayList<>(request.prefix());
        prefix.add(new PrefixStep(begun.text(), begun.tokenIds()));
        var rest = request.after(prefix, request.seed() * SECOND_STREAM + 1).within(left, left);
        var second = policy.run(rest);
        return cancelling(second, second.thenApply(result -> switch (result) {
            case NotExtended refused ->
                new NotExtended(
                        refused.key(),
                        refused.lease(),
                        refused.refusal(),
                        first.usage().plus(refused.usage()));
            case Generated more ->
                new Generated(
                        more.key(),
                        more.lease(),
                        joined(begun, more.step()),
                        first.usage().plus(more.usage()));
        }));
    }

    private static Step joined(Step first, Step second) {
        boolean told = !first.tokenIds().isEmpty()
                && (!second.tokenIds().isEmpty() || second.text().isEmpty());
        var tokenIds = new ArrayList<>(first.tokenIds());
        tokenIds.addAll(second.tokenIds());
        return new Step(
                first.text() + second.text(),
                told ? tokenIds : List.of(),
                second.end(),
                second.limit(),
                first.logProbability() + second.logProbability(),
                first.logProbabilityTokens() + second.logProbabilityTokens());
    }

    @Override
    public void close() {
        policy.close();
    }
}
