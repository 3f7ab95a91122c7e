package cloudchamber.policy;

import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.remote.ScriptedModel;
import cloudchamber.worker.remote.ToyModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A policy that says one text: in the place of an engine. A token is a byte. */
public final class ScriptedGenerator implements StepGenerator {
    private final ScriptedModel script;

    public ScriptedGenerator(String text) {
        this.script = new ScriptedModel(text);
    }

    @Override
    public ServedModel model() {
        return new ServedModel(
                "scripted", "00".repeat(32), "none", new NumericsClass("none", "none", "none", "none"), 8, 4096);
    }

    @Override
    public CompletableFuture<List<Integer>> control(String before, String mark, String after) {
        return CompletableFuture.completedFuture(ToyModel.tokens(before + mark + after));
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        var said = new StringBuilder();
        request.prefix().forEach(step -> said.append(step.text()));
        int most = Math.min(request.maxStepTokens(), request.maxTokens());
        var drawn = script.draw(ToyModel.tokens(said.toString()), 1, 0, most, request.stops());
        boolean ends = drawn.reason().equals("stop") && drawn.stop().isEmpty();
        var end = ends ? StepEnd.END : drawn.stop().isPresent() ? StepEnd.STEP : StepEnd.TRUNCATED;
        var limit = end != StepEnd.TRUNCATED
                ? StepLimit.NONE
                : request.maxTokens() <= request.maxStepTokens() ? StepLimit.PARTICLE_TOKENS : StepLimit.STEP_TOKENS;
        var step = new Step(
                drawn.text(),
                ToyModel.tokens(drawn.text()),
                end,
                limit,
                -1,
                drawn.tokens().size());
        return CompletableFuture.completedFuture(new ExtendResult.Generated(
                request.key(),
                request.lease(),
                step,
                new Usage(said.length(), 0, drawn.tokens().size())));
    }

    @Override
    public void close() {}
}
