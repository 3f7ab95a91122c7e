package cloudchamber.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The models there are by name: those of the distribution, and those the user installed. An installed
 * model is a GGUF file and a description beside it, {@code NAME.json}.
 */
final class ModelFolder {
    private static final String DESCRIPTION = ".json";
    private static final String WEIGHTS = ".gguf";

    private final Path bundled;
    private final Path installed;

    ModelFolder(Path bundled, Path installed) {
        this.bundled = bundled;
        this.installed = installed;
    }

    /**
     * One model on disk.
     *
     * @param sha256 that the file must have; empty if it was not pinned
     * @param template how its prompts are rendered; empty if the file's metadata says
     */
    record Entry(String name, Path file, Optional<String> sha256, Optional<String> template) {}

    /** The policy {@code name}. */
    Entry policy(String name) {
        return name.equals("bundled") ? bundled("bundled-policy", name) : installed(name);
    }

    /** The PRM {@code name}. */
    Entry prm(String name) {
        return name.equals("bundled") ? bundled("bundled-prm", name) : installed(name);
    }

    private Entry bundled(String file, String name) {
        var path = bundled.resolve(file + WEIGHTS);
        if (!Files.isRegularFile(path)) {
            throw CommandFailure.unavailable("the bundled model must lie at [" + path
                    + "]: it does not. Start from the distribution's folder, or set -Dcloudchamber.home");
        }
        return new Entry(name, path, Optional.empty(), Optional.empty());
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
    List<Entry> list() {
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
            return new Entry(
                    json.path("name").asText(),
                    description.resolveSibling(json.path("file").asText()),
                    Optional.of(json.path("sha256").asText()).filter(hash -> !hash.isEmpty()),
                    Optional.of(json.path("template").asText()).filter(template -> !template.isEmpty()));
        } catch (JsonProcessingException malformed) {
            throw CommandFailure.unavailable("[" + description + "] must be JSON: " + malformed.getOriginalMessage());
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("[" + description + "] must be readable: " + unreadable);
        }
    }

    /** Registers a model file that lies in the folder. */
    void register(String name, Path file, String sha256, String template, String source) {
        var json = ApiClient.JSON
                .createObjectNode()
                .put("name", name)
                .put("file", file.getFileName().toString())
                .put("sha256", sha256)
                .put("template", template)
                .put("source", source);
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
