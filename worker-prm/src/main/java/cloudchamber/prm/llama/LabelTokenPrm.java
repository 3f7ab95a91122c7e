package cloudchamber.prm.llama;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineRefusal;
import cloudchamber.engine.Score;
import cloudchamber.engine.Tokenizer;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.ServedModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Scores a prefix by the log-odds of two label tokens after it. */
public final class LabelTokenPrm implements StepScorer {
    private final ServedModel model;
    private final Engine engine;
    private final Reading reading;
    private final int good;
    private final int bad;

    /** A model that is asked, or was trained, as a {@link LabelFormat} says. */
    public static LabelTokenPrm framed(
            String name, int slots, Engine engine, ChatTemplate template, LabelFormat format) {
        return new LabelTokenPrm(name, slots, engine, new FramedReading(template, format), format.good(), format.bad());
    }

    /**
     * @param name by which jobs ask for the model
     * @param slots requests in the engine at once
     * @param engine closed with this
     * @param good the spelling of the token that speaks for a prefix
     * @param bad the spelling of the token that speaks against it
     * @throws IllegalArgumentException if the vocabulary has no such labels
     */
    public LabelTokenPrm(String name, int slots, Engine engine, Reading reading, String good, String bad) {
        this.model = new ServedModel(
                name, engine.model().sha256(), reading.id(), engine.numericsClass(), slots, engine.maxTextTokens());
        this.engine = engine;
        this.reading = reading;
        this.good = label(engine.model().tokenizer(), good);
        this.bad = label(engine.model().tokenizer(), bad);
    }

    private static int label(Tokenizer tokenizer, String spelling) {
        return tokenizer
                .token(spelling)
                .orElseThrow(() -> new IllegalArgumentException(
                        "a label must be one token of the vocabulary: \"" + spelling + "\" is not"));
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ScoreResult> run(ScoreRequest request) {
        if (request.prefix().isEmpty()) {
            return CompletableFuture.completedFuture(refused(
                    request, new Refusal(Category.INVALID_REQUEST, "a score needs at least one step: had none")));
        }
        var shown = reading.show(engine.model().tokenizer(), request.prompt(), request.prefix());
        var score = engine.score(cloudchamber.engine.ScoreRequest.atEnd(shown.kept(), shown.tail(), good, bad));
        var result = score.handle((scored, failure) ->
                failure == null ? scored(request, scored) : refused(request, EngineRefusal.of(failure)));
        result.whenComplete((ended, cancelled) -> {
            if (result.isCancelled()) {
                score.cancel(false);
            }
        });
        return result;
    }

    @Override
    public void close() {
        engine.close();
    }

    private static ScoreResult scored(ScoreRequest request, Score score) {
        double logOdds = score.logOdds().getLast();
        if (Double.isNaN(logOdds)) {
            return refused(request, new Refusal(Category.BACKEND_INVALID, "log-odds must be a number: was NaN"));
        }
        return new ScoreResult.PrefixScored(
                request.key(),
                request.lease(),
                List.of(logOdds),
                new Usage(score.promptTokens(), score.cachedTokens(), 0));
    }

    private static ScoreResult refused(ScoreRequest request, Refusal refusal) {
        return new ScoreResult.NotScored(request.key(), request.lease(), refusal, Usage.NONE);
    }
}
