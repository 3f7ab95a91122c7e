package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.ProgramVersion;
import cloudchamber.coordinator.sweep.SweepSpecification;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** The file that says what a folder of results is of. It is written before the first result. */
public final class Manifest {
    private static final int SCHEMA = 1;

    private Manifest() {}

    /** The manifest of a folder, if it has one. */
    public static Optional<JsonNode> at(Path folder) {
        var file = folder.resolve("manifest.json");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            var manifest = ApiClient.JSON.readTree(Files.readString(file));
            if (!manifest.path("id").isTextual()) {
                throw new CommandFailure(ExitCode.USAGE, file + " must be the manifest of a sweep: has no id");
            }
            return Optional.of(manifest);
        } catch (JsonProcessingException broken) {
            throw new CommandFailure(ExitCode.USAGE, file + " must be JSON: " + broken.getOriginalMessage());
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable(file + " must be readable: " + unreadable);
        }
    }

    /**
     * Writes it, in place of an older one of the same sweep.
     *
     * @param submitted the sweep as the server took it
     * @param cluster what serves it
     */
    public static JsonNode write(
            Path folder, JsonNode request, JsonNode submitted, JsonNode cluster, SweepSpecification planned) {
        var created = at(folder)
                .map(old -> old.path("createdAt").asText())
                .orElse(Instant.now().toString());
        ObjectNode manifest = ApiClient.JSON.createObjectNode();
        manifest.put("schema", SCHEMA)
                .put("id", request.path("id").asText())
                .put("createdAt", created)
                .put("changedAt", Instant.now().toString());
        manifest.set("sweep", request);
        manifest.set("dataSets", submitted.path("dataSets"));
        var seeds = manifest.putArray("seeds");
        planned.plan().cells().stream().map(cell -> cell.seed()).distinct().forEach(seeds::add);
        manifest.putObject("versions")
                .put("cloudchamber", ProgramVersion.CURRENT)
                .put("java", System.getProperty("java.vm.version"));
        var classes = manifest.putArray("workers");
        cluster.path("workers").forEach(worker -> {
            var line = classes.addObject();
            for (var field : new String[] {"role", "model", "sha256", "numericsClass"}) {
                if (worker.has(field)) {
                    line.set(field, worker.path(field));
                }
            }
        });
        long expected = 0;
        for (var cell : submitted.path("cells")) {
            for (var set : submitted.path("dataSets")) {
                if (set.path("name").equals(cell.path("dataSet"))) {
                    expected += set.path("problems").asLong();
                }
            }
        }
        manifest.put("expectedResults", expected);
        manifest.set("cells", submitted.path("cells"));
        manifest.set("skipped", submitted.path("skipped"));
        WholeFile.write(folder.resolve("manifest.json"), manifest.toPrettyString() + "\n");
        return manifest;
    }
}
