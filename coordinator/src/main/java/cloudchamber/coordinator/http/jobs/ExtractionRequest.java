package cloudchamber.coordinator.http.jobs;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.Reading;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads how answers are found and compared, in jobs, sweeps and data sets. */
public final class ExtractionRequest {
    public static final String EXTRACTION = "extraction";

    private static final List<String> FIELDS = List.of("format", "pattern", "stops");

    private ExtractionRequest() {}

    /** The id of a grader, any that {@link Graders#of} takes. */
    public static String grader(Reading reading, JsonNode node, String at) {
        if (node.isTextual() && Graders.isId(node.textValue())) {
            return node.textValue();
        }
        return reading.id(node, at, Graders.ids(), Graders.math().id());
    }

    /** The name of a format, or an object with a format or a pattern, and stops. */
    public static Extraction read(Reading reading, JsonNode node, String at) {
        if (node.isTextual()) {
            var format = reading.id(node, at, Extraction.FORMATS, Extraction.STANDARD.format());
            return Extraction.of(format);
        }
        if (!reading.isObject(node, at, FIELDS)) {
            return Extraction.STANDARD;
        }
        int before = reading.count();
        var pattern = node.has("pattern") ? reading.text(node.get("pattern"), at + "/pattern", "") : null;
        var format = node.has("format")
                ? reading.id(node.get("format"), at + "/format", Extraction.FORMATS, Extraction.STANDARD.format())
                : pattern == null ? Extraction.STANDARD.format() : null;
        if (pattern != null && node.has("format")) {
            reading.conflict(at + "/format", at + "/pattern", "only one of the two may say where the answer stands");
        }
        var stops = stops(reading, node, at + "/stops");
        if (reading.count() > before) {
            return Extraction.STANDARD;
        }
        return reading.checked(
                ErrorKind.UNSUPPORTED_SETTINGS,
                at,
                Extraction.STANDARD,
                () -> new Extraction(Extraction.RULES, format, pattern, stops));
    }

    private static List<String> stops(Reading reading, JsonNode node, String at) {
        var stops = new ArrayList<String>();
        if (node.has("stops")) {
            if (node.get("stops").isArray()) {
                for (int index = 0; index < node.get("stops").size(); index++) {
                    stops.add(reading.text(node.get("stops").get(index), at + "/" + index, "."));
                }
            } else {
                reading.wrongType(at, "a list of texts", node.get("stops"));
            }
        }
        return stops;
    }

    /** As {@link #read}, of a query: the name of a format, or the object as JSON. */
    public static Extraction ofQuery(Reading reading, String value) {
        if (!value.startsWith("{")) {
            return read(reading, TextNode.valueOf(value), "/" + EXTRACTION);
        }
        return switch (Json.read(value.getBytes(StandardCharsets.UTF_8))) {
            case Checked.Valid<JsonNode>(var node) -> read(reading, node, "/" + EXTRACTION);
            case Checked.Invalid<JsonNode> broken -> {
                reading.add(ErrorKind.WRONG_TYPE, "/" + EXTRACTION, "must be the name of a format or a JSON object");
                yield Extraction.STANDARD;
            }
        };
    }
}
