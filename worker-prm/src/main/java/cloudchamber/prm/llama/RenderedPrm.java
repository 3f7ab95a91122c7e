package cloudchamber.prm.llama;

import cloudchamber.engine.Engine;
import cloudchamber.engine.Score;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.template.ChatTemplate;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.remote.PrmFormat;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.prm.ScoreRequest;
import cloudchamber.protocol.prm.ScoreResult;
import cloudchamber.worker.EngineRefusal;
import cloudchamber.worker.ServedModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Scores a prefix as a published PRM was trained to be shown it ({@link PrmFormat}), by the log-odds of two
 * label tokens where the last step's score is read.
 */
public final class RenderedPrm implements StepScorer {
    /*
     * The whole text is rendered and tokenised each time; the engine finds how much of it was read before, so
     * a child's request reads what differs from its parent's, which is little more than its own step.
     */
    /** The metadata entry that names the format. */
    public static final String FORMAT_KEY = "cloudchamber.prm_format";

    /** The formats that are read by two label tokens. */
    public static final List<String> FORMATS = List.of(PrmFormat.Rlhflow.ID, PrmFormat.MathShepherd.ID);

    private final ServedModel model;
    private final Engine engine;
    private final PrmFormat format;
    private final int good;
    private final int bad;

    /**
     * @param name by which jobs ask for the model
     * @param slots requests in the engine at once
     * @param engine closed with this
     * @param good the spelling of the token that speaks for a step
     * @param bad the spelling of the token that speaks against it
     * @throws IllegalArgumentException if the vocabulary has no such tokens
     */
    public RenderedPrm(String name, int slots, Engine engine, PrmFormat format, String good, String bad) {
        this.model = new ServedModel(
                name, engine.model().sha256(), format.id(), engine.numericsClass(), slots, engine.maxTextTokens());
        this.engine = engine;
        this.format = format;
        this.good = LabelTokenPrm.label(engine.model().tokenizer(), good);
        this.bad = LabelTokenPrm.label(engine.model().tokenizer(), bad);
    }

    /**
     * The format with this name, one of {@link #FORMATS}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PrmFormat format(String id, ChatTemplate template) {
        return switch (id) {
            case PrmFormat.Rlhflow.ID -> new PrmFormat.Rlhflow(template);
            case PrmFormat.MathShepherd.ID -> new PrmFormat.MathShepherd();
            default -> throw new IllegalArgumentException("a PRM's format must be one of " + FORMATS + ": was " + id);
        };
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
        var steps = request.prefix().stream().map(PrefixStep::text).toList();
        var text = engine.model().tokenizer().encode(format.upToScore(request.prompt(), steps));
        var score = engine.score(cloudchamber.engine.ScoreRequest.atEnd(text, Tokens.NONE, good, bad));
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
