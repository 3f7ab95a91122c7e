package cloudchamber.prm.simulated;

import cloudchamber.prm.StepScorer;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Scores a prefix by the reward of a {@link FiniteLanguage}: log r − log(1 − r), infinite at 0 and 1. */
public final class SimulatedPrm implements StepScorer {
    private final ServedModel model;
    private final FiniteLanguage language;
    private final SimulatedLatency latency;

    public SimulatedPrm(ServedModel model, FiniteLanguage language, SimulatedLatency latency) {
        this.model = model;
        this.language = language;
        this.latency = latency;
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ScoreResult> run(ScoreRequest request) {
        return latency.after(
                request.key().step().toString().hashCode(),
                () -> score(request),
                () -> refused(request, Category.STOPPING, "the backend is closed"));
    }

    @Override
    public void close() {
        latency.close();
    }

    private ScoreResult score(ScoreRequest request) {
        int tokens = request.prefix().stream()
                .mapToInt(step -> Math.max(1, step.tokenIds().size()))
                .sum();
        if (tokens > model.contextTokens()) {
            return refused(
                    request,
                    Category.CONTEXT_OVERFLOW,
                    "a prefix must have at most " + model.contextTokens() + " tokens: had " + tokens);
        }
        try {
            double reward = language.reward(
                    request.prefix().stream().map(PrefixStep::text).toList());
            double logOdds = StrictMath.log(reward) - StrictMath.log1p(-reward);
            return new ScoreResult.PrefixScored(
                    request.key(),
                    request.lease(),
                    List.of(logOdds),
                    new Usage(1, request.prefix().size() - 1L, 0));
        } catch (IllegalArgumentException notAPath) {
            return refused(request, Category.INVALID_REQUEST, notAPath.getMessage());
        }
    }

    private static ScoreResult refused(ScoreRequest request, Category category, String detail) {
        return new ScoreResult.NotScored(request.key(), request.lease(), new Refusal(category, detail), Usage.NONE);
    }
}
