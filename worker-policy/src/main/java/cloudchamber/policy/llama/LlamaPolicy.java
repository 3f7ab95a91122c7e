package cloudchamber.policy.llama;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineRefusal;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Generation;
import cloudchamber.engine.Tokens;
import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.ThoughtOpening;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Plain;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Generates steps with an {@link Engine}. A particle is continued by its token ids; its text is
 * tokenised only where whoever made a step did not tell them.
 */
public final class LlamaPolicy implements StepGenerator {
    private final ServedModel model;
    private final Engine engine;
    private final ChatTemplate template;

    /**
     * @param name by which jobs ask for the model
     * @param slots requests in the engine at once
     * @param engine closed with this
     */
    public LlamaPolicy(String name, int slots, Engine engine, ChatTemplate template) {
        this.model = new ServedModel(
                name, engine.model().sha256(), template.id(), engine.numericsClass(), slots, engine.maxTextTokens());
        this.engine = engine;
        this.template = template;
    }

    private static CompletableFuture<ExtendResult> invalid(ExtendRequest request, String reason) {
        return CompletableFuture.completedFuture(
                refused(request, new Refusal(Refusal.Category.INVALID_REQUEST, reason)));
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        if (request.prompt().templateArguments() != null && !template.takesArguments()) {
            return invalid(request, "the template " + template.id() + " takes no arguments: was given some");
        }
        RenderedPrompt prompt;
        try {
            prompt = template.render(request.prompt());
        } catch (IllegalArgumentException refused) {
            return invalid(request, refused.getMessage());
        }
        int maxTokens = Math.min(request.maxStepTokens(), request.maxTokens());
        var opening = ThoughtOpening.of(prompt);
        var tokens = tokens(prompt, opening.written(request.prefix()));
        var generation = engine.generate(
                new GenerateRequest(tokens, request.sampling(), request.seed(), request.stops(), maxTokens));
        var result = generation.handle((generated, failure) ->
                failure == null ? extended(request, generated, opening) : refused(request, EngineRefusal.of(failure)));
        result.whenComplete((ended, cancelled) -> {
            if (result.isCancelled()) {
                generation.cancel(false);
            }
        });
        return result;
    }

    @Override
    public void close() {
        engine.close();
    }

    @Override
    public CompletableFuture<List<Integer>> control(String before, String mark, String after) {
        return CompletableFuture.completedFuture(engine.model()
                .tokenizer()
                .encode(new RenderedPrompt(List.of(new Plain(before), new Control(mark), new Plain(after))))
                .toList());
    }

    private Tokens tokens(RenderedPrompt prompt, List<PrefixStep> prefix) {
        var tokenizer = engine.model().tokenizer();
        var tokens = tokenizer.encode(prompt);
        for (PrefixStep step : prefix) {
            tokens =
                    tokens.plus(step.tokenIds().isEmpty() ? tokenizer.encode(step.text()) : Tokens.of(step.tokenIds()));
        }
        return tokens;
    }

    private static ExtendResult extended(ExtendRequest request, Generation generated, ThoughtOpening opening) {
        var usage = new Usage(generated.promptTokens(), generated.cachedTokens(), generated.drawnTokens());
        var step = opening.shown(request.prefix(), step(request, generated));
        return new ExtendResult.Generated(request.key(), request.lease(), step, usage);
    }

    private static Step step(ExtendRequest request, Generation generated) {
        List<Integer> tokenIds = generated.tokens().toList();
        return switch (generated.end()) {
            case END_OF_GENERATION -> step(generated, tokenIds, StepEnd.END, StepLimit.NONE);
            case STOP_STRING -> step(generated, tokenIds, StepEnd.STEP, StepLimit.NONE);
            case MAX_TOKENS ->
                step(
                        generated,
                        tokenIds,
                        StepEnd.TRUNCATED,
                        request.maxTokens() <= request.maxStepTokens()
                                ? StepLimit.PARTICLE_TOKENS
                                : StepLimit.STEP_TOKENS);
            case CONTEXT_FULL -> step(generated, tokenIds, StepEnd.TRUNCATED, StepLimit.CONTEXT);
        };
    }

    private static Step step(Generation generated, List<Integer> tokenIds, StepEnd end, StepLimit limit) {
        return new Step(generated.text(), tokenIds, end, limit, generated.logProbability(), generated.drawnTokens());
    }

    private static ExtendResult refused(ExtendRequest request, Refusal refusal) {
        return new ExtendResult.NotExtended(request.key(), request.lease(), refusal, Usage.NONE);
    }
}
