package cloudchamber.cli;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.models.RemoteModelConfig;
import cloudchamber.models.RemoteModels;
import cloudchamber.models.ServerAnswers;
import cloudchamber.policy.StepGenerator;
import cloudchamber.prm.StepScorer;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.worker.Backend;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.VllmModels;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Model servers of someone else's making. */
@Command(
        name = "backend",
        description = "Looks at model servers: vLLM, SGLang, llama-server and their like.",
        mixinStandardHelpOptions = true,
        subcommands = {BackendCommand.Check.class, BackendCompareCommand.class})
final class BackendCommand implements Runnable {
    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "backend needs check or compare: see below");
    }

    /** Tries a server as the cluster would use it. */
    @Command(
            name = "check",
            description = "Tells what a server is, tries it as a worker would, and prints the configuration to paste.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "A server whose kind is to be found out:   ./cloudchamber backend check http://127.0.0.1:8000",
                "A policy as it would be configured:       ./cloudchamber backend check 'vllm:http://127.0.0.1:8000?template=qwen2.5-math'",
                "A PRM:                                    ./cloudchamber backend check 'vllm-pooling:http://127.0.0.1:8001?format=qwen-prm'",
                "An entry of the configuration:            ./cloudchamber backend check NAME"
            })
    static final class Check implements Callable<Integer> {
        private static final int CALLS = 8;
        private static final int GREEDY_TOKENS = 160;
        private static final List<String> OVER_GRPC = List.of("grpc", "open-inference", "vllm-grpc");
        private static final List<String> RIGHT =
                List.of("Sam has 3 apples and buys 2 more.\n\n", "3 + 2 = 5, so he has 5 apples.\n\n");
        private static final List<String> WRONG =
                List.of("Sam has 3 apples and buys 2 more.\n\n", "3 + 2 = 9, so he has 9 apples.\n\n");
        private static final Prompt QUESTION =
                Prompt.question("Sam has 3 apples and buys 2 more. How many apples has he?");

        @Parameters(paramLabel = "URL", description = "A URL, KIND:URL?settings, or a name of the configuration.")
        private String server;

        @Option(names = "--prm", description = "The server serves a PRM, where its kind leaves that open (grpc).")
        private boolean asPrm;

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Spec
        private CommandSpec specification;

        @Override
        public Integer call() throws InterruptedException {
            var model = model();
            var report = ApiClient.JSON.createObjectNode();
            report.put("kind", model.kind()).put("url", model.settings().url().toString());
            boolean policy = RemoteModels.POLICY_KINDS.contains(model.kind()) && !asPrm;
            if (!policy) {
                try (var prm = RemoteModels.prm(model)) {
                    announce(report, prm.model());
                    scores(report, prm);
                    name(report, prm);
                }
            } else {
                try (var generator = RemoteModels.policy(model)) {
                    announce(report, generator.model());
                    steps(report, generator);
                    name(report, generator);
                }
            }
            if (!OVER_GRPC.contains(model.kind())) {
                load(report, model);
            }
            report.put("configuration", configuration(model));
            print(report);
            return report.path("sane").asBoolean() ? ExitCode.OK : ExitCode.FAILED;
        }

        /** What is to be tried: as given, or found out from the server. */
        private RemoteModelConfig model() throws InterruptedException {
            if (!server.startsWith("http://") && !server.startsWith("https://")) {
                return RemoteModelConfig.find(server)
                        .orElseThrow(() -> new CommandFailure(
                                ExitCode.USAGE,
                                "a server must be a URL, KIND:URL, or one of the configuration's names "
                                        + RemoteModelConfig.names() + ": was " + server));
            }
            var probed = RemoteModelConfig.find("openai:" + server).orElseThrow();
            try (var endpoint = new HttpEndpoint(probed.settings())) {
                var found = Recognised.of(endpoint);
                return new RemoteModelConfig(
                        server,
                        found.kind(),
                        ConfigFactory.empty()
                                .withValue("url", ConfigValueFactory.fromAnyRef(server))
                                .withValue("model", ConfigValueFactory.fromAnyRef(found.model()))
                                .withValue("template", ConfigValueFactory.fromAnyRef(found.template())));
            } catch (RemoteTrouble unusable) {
                throw CommandFailure.unavailable("the server at [" + server + "] cannot be used: "
                        + unusable.refusal().detail());
            }
        }

        private static void announce(ObjectNode report, ServedModel model) {
            report.put("software", model.numericsClass().library())
                    .put("template", model.template())
                    .put("exactness", model.numericsClass().context())
                    .put("contextTokens", model.contextTokens())
                    .put("slots", model.slots());
        }

        /** The name in the server's replies may be another than the one that was asked for. */
        private static void name(ObjectNode report, Backend<?, ?> backend) {
            backend.nameInReplies().ifPresent(name -> report.put("modelInReplies", name));
        }

        private static void steps(ObjectNode report, StepGenerator policy) throws InterruptedException {
            long began = System.nanoTime();
            var first = ServerAnswers.step(policy.run(extend(policy, 1)));
            double alone = seconds(began);
            began = System.nanoTime();
            var together = IntStream.rangeClosed(1, CALLS)
                    .mapToObj(seed -> policy.run(extend(policy, seed)))
                    .toList();
            long tokens = 0;
            ExtendResult.Generated again = null;
            for (var future : together) {
                var generated = ServerAnswers.step(future);
                tokens += generated.usage().completionTokens();
                again = again == null ? generated : again;
            }
            report.put("secondsAlone", alone)
                    .put("secondsForEightTogether", seconds(began))
                    .put("tokensPerSecondTogether", tokens / seconds(began))
                    .put("sameSeedSameStep", first.step().equals(again.step()))
                    .put("step", first.step().text())
                    .put("stepEnd", first.step().end().name())
                    .put("tokenIds", !first.step().tokenIds().isEmpty())
                    .put("sane", !first.step().text().isBlank());
            try {
                report.put("stepwiseGreedySameText", stepwiseIsOneShot(policy));
            } catch (CommandFailure notContinued) {
                report.put("stepwiseGreedySameText", false)
                        .put("trouble", notContinued.getMessage())
                        .put("sane", false);
            }
        }

        /** Whether a text written step by step at temperature 0 is the text written at once. */
        private static boolean stepwiseIsOneShot(StepGenerator policy) throws InterruptedException {
            var whole = ServerAnswers.step(policy.run(greedy(policy, List.of(), List.of(), GREEDY_TOKENS)))
                    .step();
            var prefix = new ArrayList<PrefixStep>();
            long left = GREEDY_TOKENS;
            for (boolean finished = false; !finished; ) {
                var generated = ServerAnswers.step(policy.run(greedy(policy, prefix, List.of("\n\n"), (int) left)));
                var step = generated.step();
                prefix.add(new PrefixStep(step.text(), step.tokenIds()));
                left -= Math.max(1, generated.usage().completionTokens());
                finished = step.finishes() || left <= 0;
            }
            return prefix.stream()
                    .map(PrefixStep::text)
                    .collect(Collectors.joining())
                    .equals(whole.text());
        }

        private static ExtendRequest greedy(
                StepGenerator policy, List<PrefixStep> prefix, List<String> stops, int maxTokens) {
            var like = extend(policy, 1);
            return new ExtendRequest(
                    like.key(),
                    like.lease(),
                    like.model(),
                    like.prompt(),
                    like.parent(),
                    prefix,
                    Sampling.atTemperature(0),
                    like.seed(),
                    stops,
                    GREEDY_TOKENS,
                    maxTokens);
        }

        private static ExtendRequest extend(StepGenerator policy, long seed) {
            return new ExtendRequest(
                    new AttemptKey(new StepKey("check", "check", 0, 0, 0, 0, Purpose.EXTEND), 1),
                    seed,
                    policy.model().name(),
                    QUESTION,
                    new NodeReference("check", "check", 0),
                    List.of(),
                    Sampling.atTemperature(0.8),
                    seed,
                    List.of("\n\n"),
                    64,
                    256);
        }

        private static void scores(ObjectNode report, StepScorer prm) throws InterruptedException {
            long began = System.nanoTime();
            double right = scored(prm, RIGHT);
            double alone = seconds(began);
            double wrong = scored(prm, WRONG);
            report.put("secondsAlone", alone)
                    .put("logOddsOfARightAnswer", right)
                    .put("logOddsOfAWrongAnswer", wrong)
                    .put("sane", right > wrong);
        }

        private static double scored(StepScorer prm, List<String> steps) throws InterruptedException {
            var request = new ScoreRequest(
                    new AttemptKey(new StepKey("check", "check", 0, 0, 2, 0, Purpose.SCORE), 1),
                    1,
                    prm.model().name(),
                    QUESTION,
                    new NodeReference("check", "check", 2),
                    steps.stream().map(text -> new PrefixStep(text, List.of())).toList());
            return ServerAnswers.score(prm.run(request));
        }

        private static double seconds(long sinceNanos) {
            return (System.nanoTime() - sinceNanos) / 1e9;
        }

        private static void load(ObjectNode report, RemoteModelConfig model) throws InterruptedException {
            try (var endpoint = new HttpEndpoint(model.settings())) {
                LoadWatch.read(endpoint).ifPresent(load -> {
                    var told = report.putObject("load");
                    told.put("running", load.running())
                            .put("queued", load.queued())
                            .put("preemptions", load.preemptions());
                    load.cacheUsage().ifPresent(usage -> told.put("cacheUsage", usage));
                });
            } catch (RemoteTrouble untold) {
                // A server need not publish its load.
                report.putNull("load");
            }
        }

        private static String configuration(RemoteModelConfig model) {
            var lines = new StringBuilder("cloudchamber.models.\"NAME\" {\n  kind = " + model.kind() + "\n");
            model.config().root().keySet().stream().sorted().forEach(setting -> {
                var value = setting.equals("api-key")
                        ? "${MODEL_SERVER_KEY}"
                        : "\"" + model.config().getString(setting) + "\"";
                if (!List.of("kind", "name").contains(setting) && !value.equals("\"\"")) {
                    lines.append("  ")
                            .append(setting)
                            .append(" = ")
                            .append(value)
                            .append('\n');
                }
            });
            return lines.append("}").toString();
        }

        private void print(ObjectNode report) {
            PrintWriter out = specification.commandLine().getOut();
            if (json) {
                out.println(report);
            } else {
                report.properties().forEach(entry -> {
                    if (!entry.getKey().equals("configuration")) {
                        out.printf(Locale.ROOT, "%-24s %s%n", entry.getKey(), entry.getValue());
                    }
                });
                out.println();
                out.println(report.path("configuration").asText());
            }
            out.flush();
        }
    }

    /**
     * What a server turned out to be.
     *
     * @param model as the server names it
     * @param template guessed by the model's name; ChatML if it says nothing
     */
    record Recognised(String kind, String model, String template) {
        private static final Duration LIMIT = Duration.ofSeconds(5);

        static Recognised of(HttpEndpoint endpoint) throws InterruptedException {
            if (has(endpoint, "/props")) {
                var path = endpoint.get("/props", LIMIT).path("model_path").asText("");
                return new Recognised("llama-server", "", template(path));
            }
            var listed = VllmModels.list(endpoint);
            if (listed.isEmpty()) {
                throw RemoteTrouble.invalid("a server must list a model under /v1/models: lists none");
            }
            var model = listed.getFirst().name();
            var kind = has(endpoint, "/get_server_info") ? "sglang" : has(endpoint, "/version") ? "vllm" : "openai";
            boolean rewards = model.toLowerCase(Locale.ROOT).contains("prm");
            return new Recognised(rewards && kind.equals("vllm") ? "vllm-pooling" : kind, model, template(model));
        }

        private static boolean has(HttpEndpoint endpoint, String path) throws InterruptedException {
            return endpoint.text(path, LIMIT).isPresent();
        }

        private static String template(String model) {
            var name = model.toLowerCase(Locale.ROOT);
            if (name.contains("qwen2.5-math")) {
                return "qwen2.5-math";
            }
            if (name.contains("qwen")) {
                return "qwen2.5";
            }
            if (name.contains("llama-3")) {
                return "llama-3.1";
            }
            if (name.contains("phi-4")) {
                return "phi-4";
            }
            return name.contains("mistral") ? "mistral-v7" : "chatml";
        }
    }
}
