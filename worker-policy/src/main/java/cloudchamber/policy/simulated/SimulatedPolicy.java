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
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
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
        return latency.after(
                request.seed(),
                () -> extend(request),
                () -> refused(request, Category.STOPPING, "the backend is closed"));
    }

    @Override
    public void close() {
        latency.close();
    }

    private ExtendResult extend(ExtendRequest request) {
        int room = model.contextTokens()
                - request.prefix().stream()
                        .mapToInt(step -> Math.max(1, step.tokenIds().size()))
                        .sum();
        if (room < 1) {
            return refused(
                    request,
                    Category.CONTEXT_OVERFLOW,
                    "a prefix must leave room for a token in a context of " + model.contextTokens() + ": leaves "
                            + room);
        }
        try {
            return generated(request, room);
        } catch (IllegalArgumentException notAPath) {
            return refused(request, Category.INVALID_REQUEST, notAPath.getMessage());
        }
    }

    private ExtendResult generated(ExtendRequest request, int room) {
        int limit =
                request.stops().isEmpty() ? Math.min(room, Math.min(request.maxStepTokens(), request.maxTokens())) : 1;
        var path =
                new ArrayList<>(request.prefix().stream().map(PrefixStep::text).toList());
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
        int count = tokenIds.size();
        var cut = ended ? StepLimit.NONE : cut(request, room, count);
        var end = ended ? StepEnd.END : cut == StepLimit.NONE ? StepEnd.STEP : StepEnd.TRUNCATED;
        return new ExtendResult.Generated(
                request.key(),
                request.lease(),
                new Step(text.toString(), tokenIds, end, cut, logProbability, count),
                new Usage(0, request.prefix().size(), count));
    }

    /** The limit that cut a step of {@code count} tokens; none for one that ends by itself, with its one token. */
    private static StepLimit cut(ExtendRequest request, int room, int count) {
        if (count >= request.maxTokens()) {
            return StepLimit.PARTICLE_TOKENS;
        }
        if (count >= room) {
            return StepLimit.CONTEXT;
        }
        return request.stops().isEmpty() ? StepLimit.STEP_TOKENS : StepLimit.NONE;
    }

    private static ExtendResult refused(ExtendRequest request, Category category, String detail) {
        return new ExtendResult.NotExtended(request.key(), request.lease(), new Refusal(category, detail), Usage.NONE);
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
