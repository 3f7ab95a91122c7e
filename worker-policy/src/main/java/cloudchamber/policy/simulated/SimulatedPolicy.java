package cloudchamber.policy.simulated;

import cloudchamber.policy.StepGenerator;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.Move;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.policy.ExtendRequest;
import cloudchamber.protocol.policy.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Draws steps from a {@link FiniteLanguage}: one token a step, its id the index of the move. Sampling
 * parameters are ignored: the language is the law.
 */
public final class SimulatedPolicy implements StepGenerator {
    private final ServedModel model;
    private final FiniteLanguage language;
    private final SimulatedLatency latency;

    public SimulatedPolicy(ServedModel model, FiniteLanguage language, SimulatedLatency latency) {
        this.model = model;
        this.language = language;
        this.latency = latency;
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        return latency.after(request.seed(), () -> extend(request));
    }

    @Override
    public void close() {
        latency.close();
    }

    private ExtendResult extend(ExtendRequest request) {
        var path =
                new ArrayList<>(request.prefix().stream().map(PrefixStep::text).toList());
        int limit = request.stops().isEmpty() ? Math.min(request.maxStepTokens(), request.maxTokens()) : 1;
        try {
            var text = new StringBuilder();
            var tokenIds = new ArrayList<Integer>();
            double logProbability = 0;
            boolean ended = false;
            while (!ended && tokenIds.size() < limit) {
                var moves = language.moves(path);
                int drawn = draw(moves, CounterRandom.uniform(request.seed(), tokenIds.size()));
                var move = moves.get(drawn);
                path.add(move.text());
                text.append(move.text());
                tokenIds.add(drawn);
                logProbability += StrictMath.log(move.probability());
                ended = move.last();
            }
            var step = step(request, text.toString(), tokenIds, logProbability, ended);
            return new ExtendResult.Generated(
                    request.key(),
                    request.lease(),
                    step,
                    new Usage(0, request.prefix().size(), tokenIds.size()));
        } catch (IllegalArgumentException notAPath) {
            return new ExtendResult.NotExtended(
                    request.key(),
                    request.lease(),
                    new Refusal(Category.INVALID_REQUEST, notAPath.getMessage()),
                    Usage.NONE);
        }
    }

    private static Step step(
            ExtendRequest request, String text, List<Integer> tokenIds, double logProbability, boolean ended) {
        int count = tokenIds.size();
        if (ended) {
            return new Step(text, tokenIds, StepEnd.END, StepLimit.NONE, logProbability, count);
        }
        if (request.maxTokens() <= count) {
            return new Step(text, tokenIds, StepEnd.TRUNCATED, StepLimit.PARTICLE_TOKENS, logProbability, count);
        }
        return request.stops().isEmpty()
                ? new Step(text, tokenIds, StepEnd.TRUNCATED, StepLimit.STEP_TOKENS, logProbability, count)
                : new Step(text, tokenIds, StepEnd.STEP, StepLimit.NONE, logProbability, count);
    }

    /** The first move whose cumulative probability exceeds {@code uniform}; never one of probability 0. */
    private static int draw(List<Move> moves, double uniform) {
        double cumulative = 0;
        int last = -1;
        for (int move = 0; move < moves.size(); move++) {
            if (moves.get(move).probability() > 0) {
                cumulative += moves.get(move).probability();
                last = move;
                if (uniform < cumulative) {
                    return move;
                }
            }
        }
        return last;
    }
}
