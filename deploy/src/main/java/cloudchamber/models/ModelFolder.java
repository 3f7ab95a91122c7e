package cloudchamber.models;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.Home;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.prompt.ChatTemplate;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The models there are by name: those of the distribution, and those the user installed. An installed
 * model is a GGUF file and a description beside it, {@code NAME.json}.
 */
public final class ModelFolder {
    private static final String DESCRIPTION = ".json";
    private static final String WEIGHTS = ".gguf";

    private final Path bundled;
    private final Path installed;

    /** The models of the distribution and those the user installed. */
    public static ModelFolder standard() {
        return new ModelFolder(Home.bundledModels(), Home.installedModels());
    }

    private ModelFolder(Path bundled, Path installed) {
        this.bundled = bundled;
        this.installed = installed;
    }

    /**
     * One model on disk.
     *
     * @param sha256 that the file must have; empty if it was not pinned
     * @param metadata entries said beside the file, such as its template; they go before the file's own
     */
    public record Entry(String name, Path file, Optional<String> sha256, Map<String, String> metadata) {

        /**
         * Loads the model.
         *
         * @throws CommandFailure if its file cannot be used
         */
        <T> T used(Supplier<T> loading) {
            try {
                return loading.get();
            } catch (EngineException | IllegalArgumentException unusable) {
                throw CommandFailure.unavailable("the model [" + name + "] cannot be used: " + unusable.getMessage());
            }
        }
    }

    /** The policy {@code name}. */
    public Entry policy(String name) {
        return name.equals("bundled") ? bundled("bundled-policy", name) : installed(name);
    }

    /** The PRM {@code name}. */
    public Entry prm(String name) {
        return name.equals("bundled") ? bundled("bundled-prm", name) : installed(name);
    }

    private Entry bundled(String file, String name) {
        var path = bundled.resolve(file + WEIGHTS);
        if (!Files.isRegularFile(path)) {
            throw CommandFailure.unavailable("the bundled model must lie at [" + path
                    + "]: it does not. Start from the distribution's folder, or set -Dcloudchamber.home");
        }
        return new Entry(name, path, Optional.empty(), Map.of());
    }

    private Entry installed(String name) {
        return list().stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    var names = new ArrayList<>(List.of("bundled"));
                    list().forEach(entry -> names.add(entry.name()));
                    return CommandFailure.unavailable("no model is named [" + name + "]: there are " + names
                            + ". See ./cloudchamber models install");
                });
    }

    /** What is installed, by name. */
    public List<Entry> list() {
        if (!Files.isDirectory(installed)) {
            return List.of();
        }
        try (var files = Files.list(installed)) {
            return files.filter(file -> file.getFileName().toString().endsWith(DESCRIPTION))
                    .sorted()
                    .map(ModelFolder::read)
                    .toList();
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("the folder [" + installed + "] must be readable: " + unreadable);
        }
    }

    private static Entry read(Path description) {
        try {
            var json = ApiClient.JSON.readTree(Files.readString(description));
            var metadata = new HashMap<String, String>();
            json.path("metadata")
                    .properties()
                    .forEach(entry ->
                            metadata.put(entry.getKey(), entry.getValue().asText()));
            // As the first version wrote it.
            Optional.of(json.path("template").asText())
                    .filter(template -> !template.isEmpty())
                    .ifPresent(template -> metadata.putIfAbsent(ChatTemplate.METADATA_KEY, template));
            return new Entry(
                    json.path("name").asText(),
                    description.resolveSibling(json.path("file").asText()),
                    Optional.of(json.path("sha256").asText()).filter(hash -> !hash.isEmpty()),
                    metadata);
        } catch (JsonProcessingException malformed) {
            throw CommandFailure.unavailable("[" + description + "] must be JSON: " + malformed.getOriginalMessage());
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("[" + description + "] must be readable: " + unreadable);
        }
    }

    /**
     * Registers a model file.
     *
     * @param file in this folder, or anywhere else by its absolute path
     * @param metadata that goes before the file's own
     */
    public void register(String name, Path file, String sha256, Map<String, String> metadata, String source) {
        Home.writable(installed);
        var json = ApiClient.JSON
                .createObjectNode()
                .put("name", name)
                .put(
                        "file",
                        installed.equals(file.getParent())
                                ? file.getFileName().toString()
                                : file.toAbsolutePath().toString())
                .put("sha256", sha256)
                .put("source", source);
        new TreeMap<>(metadata).forEach(json.putObject("metadata")::put);
        try {
            Files.writeString(installed.resolve(name + DESCRIPTION), json.toPrettyString() + "\n");
        } catch (IOException unwritable) {
            throw CommandFailure.unavailable("the folder [" + installed + "] must be writable: " + unwritable);
        }
    }

    /** Where installed models lie. */
    Path folder() {
        return installed;
    }
}
