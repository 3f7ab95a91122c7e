package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.DataSetLayout;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A YAML file that describes a data set: where its rows are, and how they are read, asked and graded. */
final class DataSetFile {
    private static final List<String> FIELDS =
            List.of("path", "name", "grader", "extraction", "systemPrompt", "fields", "shuffle", "ignore");

    private final LocatedFile file;

    private DataSetFile(LocatedFile file) {
        this.file = file;
    }

    /**
     * @param usualName of the data set, if the file says no other
     * @throws CommandFailure that names the line of what is wrong
     */
    static DataSetSource read(Path path, String usualName) {
        return new DataSetFile(LocatedFile.read(path)).source(path, usualName);
    }

    private DataSetSource source(Path path, String usualName) {
        var content = file.content();
        if (!content.isObject()) {
            throw fault("", "must hold an object: holds another value");
        }
        content.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name)) {
                throw fault("/" + name, "must have only the fields " + String.join(", ", FIELDS) + ": has " + name);
            }
        });
        var rows = text("path", null);
        if (rows == null) {
            throw fault("", "must have a path, of the file with the rows: has none");
        }
        var name = text("name", usualName);
        if (!DataSet.isName(name)) {
            throw fault("/name", "name must have 1 to 64 letters, digits, dots, hyphens or underscores: was " + name);
        }
        var grader = text("grader", null);
        if (grader != null && !Graders.isId(grader)) {
            throw fault("/grader", "grader must be one of " + Graders.ids() + ": was " + grader);
        }
        return new DataSetSource(
                name,
                path.toAbsolutePath().getParent().resolve(rows).normalize(),
                fields(),
                shuffle(),
                texts("ignore"),
                grader,
                text("systemPrompt", null),
                extraction(content.path("extraction")));
    }

    private TreeMap<String, String> fields() {
        var named = new TreeMap<String, String>();
        for (var field : file.content().path("fields").properties()) {
            if (!DataSetLayout.Fields.NAMES.contains(field.getKey())
                    || !field.getValue().isTextual()) {
                throw fault(
                        "/fields/" + field.getKey(),
                        "fields must name those of " + String.join(", ", DataSetLayout.Fields.NAMES) + ": has "
                                + field.getKey());
            }
            named.put(field.getKey(), field.getValue().textValue());
        }
        return named;
    }

    private Long shuffle() {
        var seed = file.content().path("shuffle");
        if (seed.isMissingNode()) {
            return null;
        }
        if (!seed.isIntegralNumber()) {
            throw fault("/shuffle", "shuffle must be a whole number: was " + seed);
        }
        return seed.longValue();
    }

    private Extraction extraction(JsonNode node) {
        try {
            if (node.isMissingNode()) {
                return Extraction.STANDARD;
            }
            if (node.isTextual()) {
                return Extraction.of(node.textValue());
            }
            node.fieldNames().forEachRemaining(name -> {
                if (!List.of("format", "pattern", "stops").contains(name)) {
                    throw fault("/extraction/" + name, "extraction may have format, pattern and stops: has " + name);
                }
            });
            var stops = new ArrayList<String>();
            node.path("stops").forEach(stop -> stops.add(stop.asText()));
            var pattern = node.path("pattern").asText(null);
            var format = node.path("format").asText(pattern == null ? Extraction.STANDARD.format() : null);
            return new Extraction(Extraction.RULES, format, pattern, stops);
        } catch (IllegalArgumentException unusable) {
            throw fault("/extraction", "extraction: " + unusable.getMessage());
        }
    }

    private List<String> texts(String field) {
        var texts = new ArrayList<String>();
        file.content().path(field).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private String text(String field, String usual) {
        var node = file.content().path(field);
        if (!node.isMissingNode() && !node.isTextual()) {
            throw fault("/" + field, field + " must be a text: was " + node);
        }
        return node.isMissingNode() ? usual : node.textValue();
    }

    private CommandFailure fault(String pointer, String detail) {
        return new CommandFailure(ExitCode.USAGE, file.file() + ":" + file.line(pointer) + " " + detail);
    }
}
