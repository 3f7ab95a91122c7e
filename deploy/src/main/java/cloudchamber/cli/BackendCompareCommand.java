package cloudchamber.cli;

import cloudchamber.cli.options.EngineOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.client.LocalDataSets;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Progress;
import cloudchamber.engine.Agreement;
import cloudchamber.engine.Engine;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Generation;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.models.Models;
import cloudchamber.models.RemoteModelConfig;
import cloudchamber.models.RemoteModels;
import cloudchamber.models.ServerAnswers;
import cloudchamber.policy.StepGenerator;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares what a server writes at temperature 0 with what the engine in this process would have written. */
@Command(
        name = "compare",
        description = {
            "Compares a policy's server with the engine in this process, token by token: does the server run the model",
            "it should, through the template it should? The server writes at temperature 0; the engine reads what it",
            "wrote and tells by how much each token's logit falls short of the largest one."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "  ./cloudchamber models install smollm2-135m",
            "  ./cloudchamber backend compare 'vllm:http://127.0.0.1:8000?template=chatml' --model smollm2-135m",
            "",
            "The server must run the same weights as the file, or weights they were made of; one that computes with",
            "more or fewer bits differs by little. Exit code 1: a token falls short by more than --delta, or a prompt",
            "was tokenised otherwise."
        })
final class BackendCompareCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SERVER", description = "KIND:URL?settings, or a name of the configuration.")
    private String server;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            required = true,
            description = "The same model in this process, installed or bundled.")
    private String modelName;

    @Option(
            names = "--problems",
            paramLabel = "FILE",
            description = "What is asked, JSON lines or CSV (default: the bundled problems).")
    private Path problems;

    @Option(names = "--limit", paramLabel = "N", description = "Ask N problems (default: ${DEFAULT-VALUE}).")
    private int limit = 10;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Tokens the server writes for each (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 128;

    @Option(
            names = "--delta",
            paramLabel = "NATS",
            description = "The most by which a token may fall short (default: ${DEFAULT-VALUE}).")
    private double delta = 0.5;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private EngineOptions engineOptions;

    @Spec
    private CommandSpec specification;

    /**
     * What came of one problem.
     *
     * @param sameEnd whether the engine, too, would have ended there, or gone on
     */
    private record Compared(String problem, Agreement agreement, boolean samePrompt, boolean sameEnd) {}

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1 || maxTokens < 1 || !(delta >= 0)) {
            throw new CommandFailure(ExitCode.USAGE, "--limit and --tokens must be at least 1, --delta at least 0");
        }
        var remote = RemoteModelConfig.find(server)
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE,
                        "a server must be KIND:URL?settings or one of the configuration's names "
                                + RemoteModelConfig.names() + ": was " + server));
        var source = problems == null ? LocalDataSets.named("bundled").orElseThrow() : LocalDataSets.at(problems);
        var items = source.read(null).select(Map.of(), 0, 1, limit);
        try (var policy = RemoteModels.policy(remote);
                var engine = Models.runBy(engineOptions.choice(), engineOptions.settings())
                        .engine(modelName);
                var progress = Progress.of("comparing", items.size())) {
            var template = ChatTemplate.byId(policy.model().template())
                    .orElseThrow(() -> CommandFailure.unavailable(
                            "a server can be compared if prompts are rendered here: renders them itself"));
            var compared = new ArrayList<Compared>();
            for (var item : items) {
                compared.add(compare(policy, engine, template, item.id(), Prompt.question(item.question())));
                progress.at(compared.size());
            }
            return report(compared);
        }
    }

    private Compared compare(StepGenerator policy, Engine engine, ChatTemplate template, String id, Prompt prompt)
            throws InterruptedException {
        var generated = written(policy, id, prompt);
        var step = generated.step();
        var read = engine.model().tokenizer().encode(template.render(prompt));
        var usage = generated.usage();
        var tokens = Tokens.of(step.tokenIds());
        try {
            return new Compared(
                    id,
                    Agreement.of(engine, read, tokens),
                    usage.promptTokens() + usage.cachedTokens() == read.size(),
                    sameEnd(engine, read.plus(tokens), step));
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof EngineException unusable) {
                throw CommandFailure.unavailable(
                        "the engine cannot read what the server wrote: " + unusable.getMessage());
            }
            throw failed;
        }
    }

    /** An end of the sequence is a token too, though not one of the step's. */
    private static boolean sameEnd(Engine engine, Tokens text, Step step) {
        if (step.end() != StepEnd.END) {
            return true;
        }
        var next = engine.generate(new GenerateRequest(text, Sampling.atTemperature(0), 0, List.of(), 1))
                .join();
        return next.end() == Generation.End.END_OF_GENERATION;
    }

    private ExtendResult.Generated written(StepGenerator policy, String id, Prompt prompt) throws InterruptedException {
        var request = new ExtendRequest(
                new AttemptKey(new StepKey("compare", id, 0, 0, 0, 0, Purpose.EXTEND), 1),
                1,
                policy.model().name(),
                prompt,
                new NodeReference("compare", id, 0),
                List.of(),
                Sampling.atTemperature(0),
                0,
                List.of(),
                maxTokens,
                maxTokens);
        var generated = ServerAnswers.step(policy.run(request));
        if (generated.step().tokenIds().isEmpty() && !generated.step().text().isEmpty()) {
            throw CommandFailure.unavailable(
                    "a server can be compared if it tells its token ids: tells texts alone; use another kind");
        }
        return generated;
    }

    private int report(List<Compared> compared) {
        var all = compared.stream().map(Compared::agreement).reduce(Agreement.NONE, Agreement::plus);
        long samePrompts = compared.stream().filter(Compared::samePrompt).count();
        long sameEnds = compared.stream().filter(Compared::sameEnd).count();
        var out = specification.commandLine().getOut();
        if (json) {
            var object = ApiClient.JSON
                    .createObjectNode()
                    .put("problems", compared.size())
                    .put("promptsTokenisedAlike", samePrompts)
                    .put("endsAlike", sameEnds)
                    .put("tokens", all.tokens())
                    .put("same", all.within(0))
                    .put("share", all.share())
                    .put("delta", delta)
                    .put("withinDelta", all.within(delta))
                    .put("largestShortfall", all.largest());
            var each = object.putArray("shortfalls");
            compared.forEach(one -> {
                var shortfalls = each.addObject().put("problem", one.problem()).putArray("nats");
                one.agreement().shortfalls().forEach(shortfalls::add);
            });
            out.println(object);
        } else {
            out.printf(Locale.ROOT, "%-24s %7s %7s %10s  %s%n", "problem", "tokens", "same", "largest", "");
            for (var one : compared) {
                out.printf(
                        Locale.ROOT,
                        "%-24s %7d %7d %10.4f  %s%s%n",
                        one.problem(),
                        one.agreement().tokens(),
                        one.agreement().within(0),
                        one.agreement().largest(),
                        one.samePrompt() ? "" : "prompt tokenised otherwise ",
                        one.sameEnd() ? "" : "end of the text not shared");
            }
            out.printf(
                    Locale.ROOT,
                    "%nof %d tokens %d are the engine's own (%.2f %%), %d within %s nats of its largest logit; "
                            + "largest shortfall %.4f nats%n",
                    all.tokens(),
                    all.within(0),
                    100 * all.share(),
                    all.within(delta),
                    delta,
                    all.largest());
            out.printf("prompts tokenised alike: %d of %d%n", samePrompts, compared.size());
        }
        out.flush();
        boolean agrees = all.within(delta) == all.tokens() && samePrompts == compared.size();
        return agrees ? ExitCode.OK : ExitCode.FAILED;
    }
}
