package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.http.jobs.ExtractionRequest;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.sweep.DataSet;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The data sets that a sweep asks for.
 *
 * @param fields of the sweep's body
 * @param dataSets finds a data set by its name
 * @param reading gets what is wrong
 */
record DataSetsRequest(SweepFields fields, Function<String, Optional<DataSet>> dataSets, Reading reading) {
    private static final List<String> DATA_SET_FIELDS = List.of(
            "name",
            "path",
            "limit",
            "offset",
            "every",
            "where",
            "grader",
            "systemPrompt",
            ExtractionRequest.EXTRACTION);
    private static final int MAX_PROBLEMS_CHARACTERS = 1_500_000;

    List<DataSet> read() {
        var entries = fields.list("dataSets");
        if (entries.isEmpty() && !fields.body().has("dataSets")) {
            reading.add(ErrorKind.MISSING_FIELD, "/dataSets", "must be given: is missing");
        }
        var sets = new ArrayList<DataSet>();
        long characters = 0;
        for (int index = 0; index < entries.size(); index++) {
            var at = "/dataSets/" + index;
            var set = dataSet(entries.get(index), at);
            if (set.isPresent()) {
                if (sets.stream()
                        .anyMatch(other -> other.name().equals(set.get().name()))) {
                    reading.add(
                            ErrorKind.DUPLICATE_ID,
                            at,
                            "must stand once: " + set.get().name() + " stands twice");
                }
                sets.add(set.get());
                characters += set.get().items().stream()
                        .mapToLong(item -> item.question().length()
                                + item.answer().length()
                                + item.id().length())
                        .sum();
            }
        }
        if (characters > MAX_PROBLEMS_CHARACTERS) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/dataSets",
                    "must have problems of at most " + MAX_PROBLEMS_CHARACTERS + " characters together: had "
                            + characters + "; set a limit");
        }
        return sets;
    }

    private Optional<DataSet> dataSet(JsonNode entry, String at) {
        if (entry.isTextual()) {
            return dataSet(entry.textValue(), at);
        }
        if (!reading.isObject(entry, at, DATA_SET_FIELDS)) {
            return Optional.empty();
        }
        if (!entry.path("name").isTextual()) {
            reading.add(ErrorKind.MISSING_FIELD, at + "/name", "must be given: is missing");
            return Optional.empty();
        }
        int limit = wholeNumber(entry, at, "limit", 1, Integer.MAX_VALUE);
        int offset = wholeNumber(entry, at, "offset", 0, 0);
        int every = wholeNumber(entry, at, "every", 1, 1);
        var grader =
                entry.has("grader") ? ExtractionRequest.grader(reading, entry.get("grader"), at + "/grader") : null;
        var extraction = entry.has(ExtractionRequest.EXTRACTION)
                ? ExtractionRequest.read(reading, entry.get(ExtractionRequest.EXTRACTION), at + "/extraction")
                : null;
        var systemPrompt =
                entry.has("systemPrompt") ? reading.text(entry.get("systemPrompt"), at + "/systemPrompt", "") : null;
        var where = new TreeMap<String, String>();
        if (entry.has("where")) {
            if (entry.get("where").isObject()) {
                entry.get("where")
                        .properties()
                        .forEach(tag -> where.put(tag.getKey(), tag.getValue().asText()));
            } else {
                reading.wrongType(at + "/where", "an object", entry.get("where"));
            }
        }
        return dataSet(entry.get("name").textValue(), at + "/name").flatMap(set -> {
            var items = set.select(where, offset, every, limit);
            if (items.isEmpty()) {
                reading.add(
                        ErrorKind.OUT_OF_RANGE,
                        at,
                        "must select a problem: selects none of " + set.items().size());
                return Optional.empty();
            }
            return Optional.of(new DataSet(
                    set.name(),
                    set.sha256(),
                    grader == null ? set.grader() : grader,
                    systemPrompt == null ? set.systemPrompt() : systemPrompt,
                    items,
                    extraction == null ? set.extraction() : extraction));
        });
    }

    private int wholeNumber(JsonNode entry, String at, String field, int minimum, int usual) {
        return entry.has(field)
                ? (int) reading.wholeNumber(entry.get(field), at + "/" + field, minimum, Integer.MAX_VALUE, usual)
                : usual;
    }

    private Optional<DataSet> dataSet(String name, String at) {
        var set = dataSets.apply(name);
        if (set.isEmpty()) {
            reading.add(ErrorKind.UNKNOWN_VALUE, at, "must be a registered data set: was \"" + name + "\"");
        }
        return set.map(found -> {
            var grader = fields.given("grader")
                    .map(node -> ExtractionRequest.grader(reading, node, "/grader"))
                    .orElse(found.grader());
            var extraction = fields.given(ExtractionRequest.EXTRACTION)
                    .map(node -> ExtractionRequest.read(reading, node, "/extraction"))
                    .or(() -> Optional.ofNullable(found.extraction()))
                    .orElse(Extraction.STANDARD);
            return new DataSet(found.name(), found.sha256(), grader, found.systemPrompt(), found.items(), extraction);
        });
    }
}
