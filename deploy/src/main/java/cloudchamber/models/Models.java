package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.Model;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.llama.LlamaPolicy;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prm.llama.LabelTokenPrm;
import cloudchamber.prm.llama.PublishedReading;
import cloudchamber.prompt.ChatTemplate;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Backends by name: {@code bundled}, an installed model, {@code judge:NAME} for a PRM, {@code
 * simulated:FILE}, or a model behind a server ({@link RemoteModelConfig}).
 */
public final class Models {
    private static final String JUDGE = "judge:";
    private static final int SLOTS = 32;

    private final ModelFolder folder;
    private final LibraryChoice library;
    private final UnaryOperator<EngineSettings> settings;

    private Models(ModelFolder folder, LibraryChoice library, UnaryOperator<EngineSettings> settings) {
        this.folder = folder;
        this.library = library;
        this.settings = settings;
    }

    /** The models of the distribution and those the user installed, run by the usual library. */
    public static Models standard() {
        return runBy(LibraryChoice.ofProperties(), suitable -> suitable);
    }

    /**
     * The same models, run by a library.
     *
     * @param settings what an engine may use, given what suits its model
     */
    public static Models runBy(LibraryChoice library, UnaryOperator<EngineSettings> settings) {
        return new Models(ModelFolder.standard(), library, settings);
    }

    /**
     * The policy {@code name}, loaded.
     *
     * @throws CommandFailure if there is none, or its file cannot be used
     */
    public StepGenerator policy(String name) {
        if (name.startsWith(Simulated.PREFIX)) {
            return Simulated.policy(name);
        }
        var remote = RemoteModelConfig.find(name);
        if (remote.isPresent()) {
            return RemoteModels.policy(remote.get());
        }
        var entry = folder.policy(name);
        return entry.used(() -> {
            var engine = engine(entry);
            return new LlamaPolicy(name, SLOTS, engine, template(entry, engine));
        });
    }

    /**
     * The PRM {@code name}, loaded.
     *
     * @throws CommandFailure if there is none, or its file cannot be used
     */
    public StepScorer prm(String name) {
        if (name.startsWith(Simulated.PREFIX)) {
            return Simulated.prm(name);
        }
        var remote = RemoteModelConfig.find(name);
        if (remote.isPresent()) {
            return RemoteModels.prm(remote.get());
        }
        boolean judges = name.startsWith(JUDGE);
        var entry = judges ? folder.policy(name.substring(JUDGE.length())) : folder.prm(name);
        return entry.used(() -> {
            var engine = engine(entry);
            var metadata = metadata(entry, engine);
            var template = template(entry, engine);
            var published = metadata.get(PublishedReading.FORMAT_KEY);
            if (!judges && published != null) {
                return new LabelTokenPrm(
                        name,
                        SLOTS,
                        engine,
                        PublishedReading.of(published, template),
                        metadata.getOrDefault(LabelFormat.GOOD_KEY, "+"),
                        metadata.getOrDefault(LabelFormat.BAD_KEY, "-"));
            }
            var format = judges ? LabelFormat.judge() : LabelFormat.of(metadata);
            return LabelTokenPrm.framed(name, SLOTS, engine, template, format);
        });
    }

    /**
     * An engine on the policy {@code name}, bundled or installed; the caller closes it.
     *
     * @throws CommandFailure if there is none, or its file cannot be used
     */
    public Engine engine(String name) {
        var entry = folder.policy(name);
        return entry.used(() -> engine(entry));
    }

    private Engine engine(ModelFolder.Entry entry) {
        var model = Model.load(entry.file(), library);
        entry.sha256().filter(pinned -> !pinned.equals(model.sha256())).ifPresent(pinned -> {
            throw CommandFailure.unavailable(
                    "[" + entry.file() + "] must have the SHA-256 " + pinned + ": has " + model.sha256());
        });
        return Engine.start(model, settings.apply(model.suitableSettings()));
    }

    private static ChatTemplate template(ModelFolder.Entry entry, Engine engine) {
        return ChatTemplate.of(metadata(entry, engine));
    }

    /** What the file says, and what is said beside it, which goes first. */
    private static Map<String, String> metadata(ModelFolder.Entry entry, Engine engine) {
        Map<String, String> metadata = new HashMap<>(engine.model().metadata());
        metadata.putAll(entry.metadata());
        return metadata;
    }
}
