package cloudchamber.policy.llama;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineRefusal;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Generation;
import cloudchamber.engine.Tokens;
import cloudchamber.policy.StepGenerator;
import cloudchamber.prompt.ChatTemplate;
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

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        int maxTokens = Math.min(request.maxStepTokens(), request.maxTokens());
        var generation = engine.generate(
                new GenerateRequest(tokens(request), request.sampling(), request.seed(), request.stops(), maxTokens));
        var result = generation.handle((generated, failure) ->
                failure == null ? extended(request, generated) : refused(request, EngineRefusal.of(failure)));
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

    private Tokens tokens(ExtendRequest request) {
        var tokenizer = engine.model().tokenizer();
        var tokens = tokenizer.encode(template.render(request.prompt()));
        for (PrefixStep step : request.prefix()) {
            tokens =
                    tokens.plus(step.tokenIds().isEmpty() ? tokenizer.encode(step.text()) : Tokens.of(step.tokenIds()));
        }
        return tokens;
    }

    private static ExtendResult extended(ExtendRequest request, Generation generated) {
        var usage = new Usage(generated.promptTokens(), generated.cachedTokens(), generated.drawnTokens());
        return new ExtendResult.Generated(request.key(), request.lease(), step(request, generated), usage);
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
