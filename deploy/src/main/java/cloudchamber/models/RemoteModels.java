package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.engine.Model;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.grpc.GrpcPolicy;
import cloudchamber.policy.llama.ModelVocabulary;
import cloudchamber.policy.remote.LlamaServerDialect;
import cloudchamber.policy.remote.OpenAiDialect;
import cloudchamber.policy.remote.PolicyDialect;
import cloudchamber.policy.remote.RemotePolicy;
import cloudchamber.policy.remote.SglangDialect;
import cloudchamber.policy.remote.VllmDialect;
import cloudchamber.policy.remote.VllmGrpcDialect;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prm.grpc.GrpcDialect;
import cloudchamber.prm.grpc.InferenceDialect;
import cloudchamber.prm.remote.ChatJudge;
import cloudchamber.prm.remote.Classifying;
import cloudchamber.prm.remote.RemotePrm;
import cloudchamber.prm.remote.ScoreDialect;
import cloudchamber.prm.remote.VllmLabels;
import cloudchamber.prm.remote.VllmPooling;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.Vocabulary;
import com.typesafe.config.ConfigException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Backends behind servers, as configured. */
public final class RemoteModels {
    private RemoteModels() {}

    private static final int UNKNOWN_CONTEXT = 4096;

    /** What a policy's server may be. */
    public static final List<String> POLICY_KINDS =
            List.of("vllm", "vllm-grpc", "openai", "openai-chat", "sglang", "llama-server", "grpc");

    /** What a PRM's server may be. */
    static final List<String> PRM_KINDS = List.of(
            "vllm-pooling",
            "vllm-labels",
            "vllm-classify",
            "sglang-classify",
            "openai-chat-judge",
            "grpc",
            "open-inference");

    private interface Connecting<T> {
        T connect() throws InterruptedException;
    }

    /**
     * The policy, its server asked.
     *
     * @throws CommandFailure if the settings are wrong or the server cannot be used
     */
    public static StepGenerator policy(RemoteModelConfig model) {
        return connected(
                model,
                () -> model.kind().equals("grpc")
                        ? GrpcPolicy.connect(model.name(), model.settings())
                        : RemotePolicy.connect(model.name(), model.settings(), policyDialect(model)));
    }

    /**
     * The PRM, its server asked and its scores checked.
     *
     * @throws CommandFailure if the settings are wrong or the server cannot be used
     */
    public static StepScorer prm(RemoteModelConfig model) {
        return connected(model, () -> RemotePrm.connect(model.name(), model.settings(), scoreDialect(model)));
    }

    private static <T> T connected(RemoteModelConfig model, Connecting<T> connecting) {
        try {
            return connecting.connect();
        } catch (RemoteTrouble unusable) {
            throw CommandFailure.unavailable("the server of [" + model.name() + "] cannot be used: "
                    + unusable.refusal().detail());
        } catch (ConfigException | IllegalArgumentException wrong) {
            throw new CommandFailure(
                    ExitCode.USAGE, "the settings of [" + model.name() + "] are wrong: " + wrong.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw CommandFailure.unavailable("stopped while asking the server of [" + model.name() + "]");
        }
    }

    static PolicyDialect policyDialect(RemoteModelConfig model) {
        var name = model.text("model", "");
        return switch (model.kind()) {
            case "vllm" -> new VllmDialect(endpoint(model), template(model), name, model.flag("log-probabilities"));
            case "vllm-grpc" ->
                new VllmGrpcDialect(
                        new GrpcChannel(model.settings()),
                        template(model),
                        vocabulary(model, name),
                        model.flag("log-probabilities"));
            case "openai" -> OpenAiDialect.completions(endpoint(model), template(model), name);
            case "openai-chat" -> OpenAiDialect.chat(endpoint(model), name);
            case "sglang" -> new SglangDialect(endpoint(model), template(model), name);
            case "llama-server" -> new LlamaServerDialect(endpoint(model), template(model));
            default ->
                throw new IllegalArgumentException(
                        "a policy's kind must be one of " + POLICY_KINDS + ": was " + model.kind());
        };
    }

    /** Whose tokens a server speaks that takes no text: a model's here, or those of a server that tokenises. */
    private static Vocabulary vocabulary(RemoteModelConfig model, String served) {
        var tokenizer = model.text("tokenizer", "");
        if (tokenizer.isEmpty()) {
            throw new IllegalArgumentException(
                    "tokenizer must be an installed model, or the URL of a server that tokenises: was not given");
        }
        return tokenizer.startsWith("http://") || tokenizer.startsWith("https://")
                ? new RemoteTokenizer(
                        new HttpEndpoint(RemoteSettings.at(URI.create(tokenizer))),
                        RemoteTokenizer.Dialect.VLLM,
                        served)
                : installed(tokenizer);
    }

    private static Vocabulary installed(String name) {
        var entry = ModelFolder.standard().policy(name);
        return entry.used(() -> new ModelVocabulary(Model.load(entry.file(), LibraryChoice.ofProperties())));
    }

    static ScoreDialect scoreDialect(RemoteModelConfig model) {
        return switch (model.kind()) {
            case "grpc" -> new GrpcDialect(new GrpcChannel(model.settings()));
            case "open-inference" ->
                new InferenceDialect(
                        new GrpcChannel(model.settings()),
                        model.text("model", "prm"),
                        model.number("context-tokens", UNKNOWN_CONTEXT));
            case "openai-chat-judge" -> new ChatJudge(endpoint(model), LabelFormat.judge(), model.text("model", ""));
            default -> formatted(model);
        };
    }

    private static ScoreDialect formatted(RemoteModelConfig model) {
        var name = model.text("model", "");
        var published = PrmFormat.byId(model.text("format", PrmFormat.Qwen.ID));
        var format = published.of(formatModel(model));
        return switch (model.kind()) {
            case "vllm-pooling" ->
                new VllmPooling(endpoint(model), format, name, rows(model, published), goodColumn(model, published));
            case "vllm-labels" -> {
                boolean judges = format instanceof PrmFormat.Judge;
                yield new VllmLabels(
                        endpoint(model),
                        format,
                        name,
                        model.text("good", judges ? LabelFormat.judge().good() : "+"),
                        model.text("bad", judges ? LabelFormat.judge().bad() : "-"));
            }
            case "vllm-classify" -> new Classifying(endpoint(model), format, name, Classifying.Server.VLLM);
            case "sglang-classify" -> new Classifying(endpoint(model), format, name, Classifying.Server.SGLANG);
            default ->
                throw new IllegalArgumentException(
                        "a PRM's kind must be one of " + PRM_KINDS + ": was " + model.kind());
        };
    }

    private static PrmFormat.Rows rows(RemoteModelConfig model, PrmFormat.Published format) {
        var usual = format.rows().name().toLowerCase(Locale.ROOT);
        return PrmFormat.Rows.valueOf(model.text("rows", usual).toUpperCase(Locale.ROOT));
    }

    private static int goodColumn(RemoteModelConfig model, PrmFormat.Published format) {
        int column = model.number("good-column", format.goodColumn());
        if (column != 0 && column != 1) {
            throw new IllegalArgumentException("good-column must be 0 or 1: was " + column);
        }
        return column;
    }

    private static PrmFormat.Model formatModel(RemoteModelConfig model) {
        return new PrmFormat.Model() {
            @Override
            public ChatTemplate template(Optional<String> usual) {
                return RemoteModels.template(model, usual.orElse(""));
            }

            @Override
            public String text(String setting, String usual) {
                return model.text(setting, usual);
            }
        };
    }

    private static HttpEndpoint endpoint(RemoteModelConfig model) {
        return new HttpEndpoint(model.settings());
    }

    private static ChatTemplate template(RemoteModelConfig model) {
        return template(model, "");
    }

    private static ChatTemplate template(RemoteModelConfig model, String otherwise) {
        var id = model.text("template", otherwise);
        if (id.startsWith(TemplateFile.PREFIX)) {
            return TemplateFile.read(id);
        }
        return ChatTemplate.byId(id)
                .orElseThrow(() -> new IllegalArgumentException("template must be file:PATH or one of "
                        + ChatTemplate.ids() + ": was " + (id.isEmpty() ? "not given" : id)));
    }
}
