package cloudchamber.prm.llama;

import cloudchamber.engine.Engine;
import cloudchamber.engine.Score;
import cloudchamber.engine.Tokenizer;
import cloudchamber.engine.template.ChatTemplate;
import cloudchamber.engine.template.RenderedPrompt;
import cloudchamber.engine.template.RenderedPrompt.Part;
import cloudchamber.engine.template.RenderedPrompt.Plain;
import cloudchamber.prm.StepScorer;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.prm.ScoreRequest;
import cloudchamber.protocol.prm.ScoreResult;
import cloudchamber.worker.EngineRefusal;
import cloudchamber.worker.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Scores a prefix by the log-odds of two label tokens after it. */
public final class LabelTokenPrm implements StepScorer {
    /*
     * A request is read as head, steps, tail. The head (everything before the steps) and the steps stay in
     * the engine's memory, so a child's request reads its new step alone; the tail (what ends a step, or
     * asks about it) is read anew each time and forgotten. Steps are tokenised one by one, from their
     * text: the policy's token ids belong to another vocabulary, and a prefix must keep its tokens when
     * more is appended.
     */
    private final ServedModel model;
    private final Engine engine;
    private final ChatTemplate template;
    private final LabelFormat format;
    private final int good;
    private final int bad;

    private record Frame(RenderedPrompt head, RenderedPrompt tail) {}

    /**
     * @param name by which jobs ask for the model
     * @param slots requests in the engine at once
     * @param engine closed with this
     * @throws IllegalArgumentException if the vocabulary has no such labels
     */
    public LabelTokenPrm(String name, int slots, Engine engine, ChatTemplate template, LabelFormat format) {
        this.model = new ServedModel(
                name,
                engine.model().sha256(),
                template.id() + "+" + format.id(),
                engine.numericsClass(),
                slots,
                engine.maxTextTokens());
        this.engine = engine;
        this.template = template;
        this.format = format;
        this.good = label(engine.model().tokenizer(), format.good());
        this.bad = label(engine.model().tokenizer(), format.bad());
    }

    static int label(Tokenizer tokenizer, String spelling) {
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
        var tokenizer = engine.model().tokenizer();
        var frame = frame(request.prompt());
        var prefix = tokenizer.encode(frame.head());
        for (PrefixStep step : request.prefix()) {
            prefix = prefix.plus(tokenizer.encode(step.text()));
        }
        var stepEnd = request.prefix().getLast().text().endsWith(format.stepEnd()) ? "" : format.stepEnd();
        var tail = tokenizer.encode(stepEnd).plus(tokenizer.encode(frame.tail()));
        var score = engine.score(cloudchamber.engine.ScoreRequest.atEnd(prefix, tail, good, bad));
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

    /** What stands before the steps and what after them. */
    private Frame frame(Prompt prompt) {
        int hole = format.user().indexOf(LabelFormat.STEPS);
        var question = prompt.lastQuestion();
        if (hole < 0) {
            var user = format.user().replace(LabelFormat.QUESTION, question);
            return new Frame(template.render(withUser(prompt, user)), new RenderedPrompt(List.of()));
        }
        var before = format.user().substring(0, hole).replace(LabelFormat.QUESTION, question);
        var after = format.user().substring(hole + LabelFormat.STEPS.length()).replace(LabelFormat.QUESTION, question);
        return split(template.render(withUser(prompt, before + after)).parts(), before, after);
    }

    private static Prompt withUser(Prompt prompt, String user) {
        var messages = new ArrayList<>(prompt.messages());
        messages.set(messages.size() - 1, new Message(Message.Role.USER, user));
        return new Prompt(messages);
    }

    /** Cuts a rendered prompt between {@code before} and {@code after}, which stand together in its last turn. */
    private static Frame split(List<Part> parts, String before, String after) {
        for (int index = parts.size() - 1; index >= 0; index--) {
            var text = parts.get(index).text();
            int at = text.lastIndexOf(before + after);
            if (at >= 0) {
                var head = new ArrayList<>(parts.subList(0, index));
                head.add(new Plain(text.substring(0, at + before.length())));
                var tail = new ArrayList<Part>();
                tail.add(new Plain(text.substring(at + before.length())));
                tail.addAll(parts.subList(index + 1, parts.size()));
                return new Frame(new RenderedPrompt(head), new RenderedPrompt(tail));
            }
        }
        throw new IllegalStateException("a template must repeat the user's turn: did not");
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
