package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.http.jobs.ExtractionRequest;
import cloudchamber.coordinator.http.jobs.JobRequest;
import cloudchamber.coordinator.http.jobs.SamplingRequest;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.Grid;
import cloudchamber.coordinator.sweep.Grid.Variant;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepSpecification.Reference;
import cloudchamber.coordinator.sweep.SweepSpecification.Skipped;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A sweep as a file or a body has it: read whole, or refused with everything that is wrong with it.
 *
 * <p>Only {@code dataSets} must be given. A list stands for an axis; what is left out has one usual value.
 */
public final class SweepRequest {
    private static final List<String> FIELDS = List.of(
            "id",
            "name",
            "dataSets",
            "policies",
            "prms",
            "methods",
            "budgets",
            "allocations",
            "temperatures",
            "allowDegenerate",
            "softmaxTemperatures",
            "targets",
            "aggregations",
            "seeds",
            "sampling",
            "grader",
            "references",
            "models",
            JobRequest.END_AT_ANSWER,
            ExtractionRequest.EXTRACTION,
            JobRequest.TEMPLATE_ARGUMENTS);
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
    private static final List<String> REFERENCE_FIELDS = List.of("name", "accuracy", "source");
    private static final List<String> MODEL_FIELDS = List.of("parameters", "gpus");
    private static final List<String> ALLOCATION_FIELDS = List.of("particles", "iterations", "chains");
    private static final int MAX_CELLS = 10_000;
    private static final int MAX_NAME_LENGTH = 200;
    private static final int MAX_BUDGET = 1 << 20;
    private static final int MAX_PROBLEMS_CHARACTERS = 1_500_000;

    /** @param pointer to the value or the place where one is missing, as RFC 6901 has it */
    public record Fault(String pointer, String detail) {}

    /** @param specification empty if there are faults */
    public record Result(Optional<SweepSpecification> specification, List<Fault> faults) {}

    private final JsonNode body;
    private final Function<String, Optional<DataSet>> dataSets;
    private final HttpSettings bounds;
    private final Reading reading = new Reading();
    private final List<Skipped> skipped = new ArrayList<>();
    private final List<Integer> budgets = new ArrayList<>();
    private final List<JsonNode> allocations = new ArrayList<>();

    private SweepRequest(JsonNode body, Function<String, Optional<DataSet>> dataSets, HttpSettings bounds) {
        this.body = body;
        this.dataSets = dataSets;
        this.bounds = bounds;
    }

    /**
     * The sweep a body or a file asks for.
     *
     * @param id what the sweep is called
     * @param dataSets finds a data set by its name
     */
    public static Result read(
            JsonNode body, String id, Function<String, Optional<DataSet>> dataSets, HttpSettings bounds) {
        var checked = check(body, id, dataSets, bounds);
        return switch (checked) {
            case Checked.Valid<SweepSpecification>(var specification) ->
                new Result(Optional.of(specification), List.of());
            case Checked.Invalid<SweepSpecification>(var error) ->
                new Result(
                        Optional.empty(),
                        error.faults().stream()
                                .map(fault -> new Fault(fault.pointer(), fault.detail()))
                                .toList());
        };
    }

    static Checked<SweepSpecification> check(
            JsonNode body, String id, Function<String, Optional<DataSet>> dataSets, HttpSettings bounds) {
        var request = new SweepRequest(body, dataSets, bounds);
        var specification = request.specification(id);
        var faults = request.reading.faults();
        return faults.isEmpty()
                ? new Checked.Valid<>(specification.orElseThrow())
                : new Checked.Invalid<>(ApiError.of(faults));
    }

    /** The names of the data sets a body asks for, as far as they can be read. */
    static List<String> dataSetNames(JsonNode body) {
        var names = new ArrayList<String>();
        body.path("dataSets").forEach(entry -> {
            var name = entry.isObject() ? entry.path("name") : entry;
            if (name.isTextual()) {
                names.add(name.textValue());
            }
        });
        return names;
    }

    private Optional<SweepSpecification> specification(String id) {
        if (!reading.isObject(body, "", FIELDS)) {
            return Optional.empty();
        }
        var name = given("name").map(node -> reading.name(node, "/name", id)).orElse(id);
        if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
            reading.add(ErrorKind.OUT_OF_RANGE, "/name", "must have 1 to " + MAX_NAME_LENGTH + " characters");
        }
        var sets = dataSets();
        var sampling = given("sampling")
                .map(node -> reading.overlay(node, "/sampling", SamplingRequest.STANDARD, Set.of()))
                .orElse(SamplingRequest.STANDARD);
        readBudgets();
        var variants = variants(sampling);
        var temperatures = numbers("temperatures", List.of(sampling.temperature()));
        refuseIdenticalParticles(temperatures, variants, sampling);
        var grid = new Grid(
                sets,
                names("policies"),
                names("prms"),
                temperatures,
                variants,
                seeds(),
                sampling.sampling(),
                sampling.limits(),
                sampling.stops(),
                given(JobRequest.END_AT_ANSWER)
                        .map(node -> JobRequest.endAtAnswer(reading, node, "/" + JobRequest.END_AT_ANSWER, ""))
                        .orElse(null),
                sampling.thinking(),
                given(JobRequest.TEMPLATE_ARGUMENTS)
                        .map(node -> JobRequest.templateArguments(reading, node, "/" + JobRequest.TEMPLATE_ARGUMENTS))
                        .orElse(null));
        var references = references();
        models();
        if (reading.count() > 0) {
            return Optional.empty();
        }
        var plan = grid.expand(id);
        if (plan.cells().isEmpty() || plan.cells().size() > MAX_CELLS) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/methods",
                    "must give 1 to " + MAX_CELLS + " cells that can run: gave "
                            + plan.cells().size()
                            + skipped.stream()
                                    .findFirst()
                                    .map(first -> "; " + first.reason())
                                    .orElse(""));
            return Optional.empty();
        }
        return Optional.of(
                new SweepSpecification(id, name, body.toString(), sets, plan, List.copyOf(skipped), references));
    }

    /** As of a job: at temperature 0 all particles of a method are one. */
    private void refuseIdenticalParticles(List<Double> temperatures, List<Variant> variants, SamplingRequest sampling) {
        boolean allowed = given("allowDegenerate")
                .map(node -> node.isBoolean()
                        ? node.booleanValue()
                        : reading.wrongType("/allowDegenerate", "true or false", node, false))
                .orElse(false);
        for (int index = 0; index < temperatures.size() && !allowed; index++) {
            var at = body.has("temperatures") ? "/temperatures/" + index : "/sampling/temperature";
            var law = sampling.withTemperature(temperatures.get(index));
            variants.stream()
                    .map(Variant::method)
                    .filter(law::isDegenerate)
                    .findFirst()
                    .ifPresent(method -> reading.add(
                            ErrorKind.DEGENERATE_CONFIG,
                            at,
                            SamplingRequest.degenerate(method) + "; allowDegenerate accepts it"));
        }
    }

    // ---- data sets

    private List<DataSet> dataSets() {
        var entries = list("dataSets");
        if (entries.isEmpty() && !body.has("dataSets")) {
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
            var grader = given("grader")
                    .map(node -> ExtractionRequest.grader(reading, node, "/grader"))
                    .orElse(found.grader());
            var extraction = given(ExtractionRequest.EXTRACTION)
                    .map(node -> ExtractionRequest.read(reading, node, "/extraction"))
                    .or(() -> Optional.ofNullable(found.extraction()))
                    .orElse(Extraction.STANDARD);
            return new DataSet(found.name(), found.sha256(), grader, found.systemPrompt(), found.items(), extraction);
        });
    }

    // ---- variants

    private List<Variant> variants(SamplingRequest sampling) {
        var methods = body.has("methods") ? list("methods") : List.<JsonNode>of();
        if (!body.has("methods")) {
            methods = List.of(JsonNodeFactory.instance.textNode(
                    Methods.standard().getFirst().id()));
        }
        var variants = new ArrayList<Variant>();
        for (int index = 0; index < methods.size(); index++) {
            var base = method(methods.get(index), "/methods/" + index);
            if (base.isPresent()) {
                for (var overlay : overlays(base.get())) {
                    variant(base.get(), overlay, sampling).ifPresent(variants::add);
                }
            }
        }
        return variants;
    }

    /** What a method is laid over with, and how that is called. */
    private record Overlay(ObjectNode fields, Map<String, String> axes, Optional<Integer> budget) {
        Overlay with(String axis, String field, JsonNode value) {
            ObjectNode more = fields.deepCopy();
            more.set(field, value);
            var named = new LinkedHashMap<>(axes);
            named.put(axis, value.asText());
            return new Overlay(more, named, budget);
        }
    }

    /** A method with its own settings, checked. */
    private record Base(ObjectNode given, MethodSettings settings) {
        Set<String> components() {
            return Arrays.stream(settings.getClass().getRecordComponents())
                    .map(RecordComponent::getName)
                    .collect(Collectors.toSet());
        }
    }

    private Optional<Base> method(JsonNode entry, String at) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (entry.isTextual()) {
            node.set("id", entry);
        } else if (entry.isObject()) {
            node = entry.deepCopy();
        } else {
            reading.wrongType(at, "a method's id or an object with one", entry);
            return Optional.empty();
        }
        var standards = Methods.standard();
        var ids = standards.stream().map(MethodSettings::id).toList();
        if (!node.has("id")) {
            reading.add(ErrorKind.MISSING_FIELD, at + "/id", "must be given: is missing");
            return Optional.empty();
        }
        int before = reading.count();
        var id = reading.id(node.get("id"), entry.isTextual() ? at : at + "/id", ids, ids.getFirst());
        var standard = standards.stream()
                .filter(settings -> settings.id().equals(id))
                .findFirst()
                .orElseThrow();
        var settings = (MethodSettings) reading.overlay(node, at, (Record) standard, Set.of("id"));
        return reading.count() > before ? Optional.empty() : Optional.of(new Base(node, settings));
    }

    /** The combinations of the axes a method has; one that lists none of them has one. */
    private List<Overlay> overlays(Base base) {
        var overlays = List.of(new Overlay(JsonNodeFactory.instance.objectNode(), Map.of(), Optional.empty()));
        overlays = along(overlays, base, "targets", "target");
        overlays = along(overlays, base, "aggregations", "aggregation");
        overlays = along(overlays, base, "softmaxTemperatures", "softmaxTemperature");
        var more = new ArrayList<Overlay>();
        for (var overlay : overlays) {
            allocations.forEach(allocation -> more.add(allocated(overlay, allocation, base)));
            budgets.forEach(budget -> more.add(new Overlay(overlay.fields(), overlay.axes(), Optional.of(budget))));
        }
        return body.has("allocations") || body.has("budgets") ? more : overlays;
    }

    private void readBudgets() {
        if (body.has("allocations") && body.has("budgets")) {
            reading.add(ErrorKind.UNKNOWN_FIELD, "/budgets", "must be left out where allocations are given");
        }
        var given = list("budgets");
        for (int index = 0; index < given.size(); index++) {
            budgets.add((int) reading.wholeNumber(given.get(index), "/budgets/" + index, 1, MAX_BUDGET, 1));
        }
        var entries = list("allocations");
        for (int index = 0; index < entries.size(); index++) {
            var at = "/allocations/" + index;
            if (reading.isObject(entries.get(index), at, ALLOCATION_FIELDS)) {
                allocations.add(entries.get(index));
                entries.get(index)
                        .properties()
                        .forEach(field ->
                                reading.wholeNumber(field.getValue(), at + "/" + field.getKey(), 1, MAX_BUDGET, 1));
            }
        }
    }

    private List<Overlay> along(List<Overlay> overlays, Base base, String axis, String component) {
        if (!body.has(axis) || !base.components().contains(component)) {
            return overlays;
        }
        var values = list(axis);
        for (int index = 0; index < values.size(); index++) {
            readable(base, component, values.get(index), "/" + axis + "/" + index);
        }
        var more = new ArrayList<Overlay>();
        for (var overlay : overlays) {
            for (var value : values) {
                more.add(overlay.with(component, component, value));
            }
        }
        return more;
    }

    /** A value no method can have is a fault, said once; one that only some cannot have leaves a combination out. */
    private void readable(Base base, String component, JsonNode value, String at) {
        var trial = new Reading();
        ObjectNode field = JsonNodeFactory.instance.objectNode();
        field.set(component, value);
        trial.overlay(field, "", (Record) base.settings(), Set.of("id"));
        if (trial.count() > 0
                && reading.faults().stream().noneMatch(fault -> fault.pointer().equals(at))) {
            reading.add(
                    trial.faults().getFirst().kind(),
                    at,
                    trial.faults().getFirst().detail());
        }
    }

    private Overlay allocated(Overlay overlay, JsonNode allocation, Base base) {
        ObjectNode fields = overlay.fields().deepCopy();
        var axes = new LinkedHashMap<>(overlay.axes());
        var label = ALLOCATION_FIELDS.stream()
                .map(field -> Integer.toString(allocation.path(field).asInt(1)))
                .collect(Collectors.joining("x"));
        axes.put("allocation", label);
        for (var field : ALLOCATION_FIELDS) {
            var value = allocation.path(field);
            if (base.components().contains(field) || value.asInt(1) != 1) {
                fields.set(field, value.isMissingNode() ? JsonNodeFactory.instance.numberNode(1) : value);
            }
        }
        if (base.settings() instanceof ParticleGibbsSettings gibbs
                && !base.given().has("burnIn")) {
            int iterations = allocation.path("iterations").asInt(1);
            fields.put("burnIn", Math.clamp(gibbs.burnIn(), 0, Math.max(0, iterations - 1)));
        }
        return new Overlay(fields, axes, Optional.empty());
    }

    /** The method so laid over; empty, and told among those skipped, if it cannot run that way. */
    private Optional<Variant> variant(Base base, Overlay overlay, SamplingRequest sampling) {
        var trial = new Reading();
        var settings =
                (MethodSettings) trial.overlay(overlay.fields(), "/method", (Record) base.settings(), Set.of("id"));
        int budget = overlay.budget().orElse(0);
        if (trial.count() > 0) {
            skip(base, budget, overlay, trial.faults().getFirst().detail());
            return Optional.empty();
        }
        try {
            var method = overlay.budget().isPresent() ? settings.withBudget(budget) : settings;
            if (method.allocation().particles() > bounds.maxParticles()) {
                throw new IllegalArgumentException("method.particles must be at most " + bounds.maxParticles()
                        + ": was " + method.allocation().particles());
            }
            Methods.start(method, sampling.sampling(), sampling.limits(), NO_ANSWERS);
            return Optional.of(new Variant(method, overlay.axes()));
        } catch (IllegalArgumentException impossible) {
            skip(base, budget, overlay, impossible.getMessage());
            return Optional.empty();
        }
    }

    private void skip(Base base, int budget, Overlay overlay, String reason) {
        var axes = overlay.axes().isEmpty() ? "" : " " + overlay.axes();
        skipped.add(new Skipped(base.settings().id() + axes, budget, reason));
    }

    // ---- the other axes

    private List<String> names(String field) {
        if (!body.has(field)) {
            return List.of(JobRequest.STANDARD_MODEL);
        }
        var names = new ArrayList<String>();
        var entries = list(field);
        for (int index = 0; index < entries.size(); index++) {
            var at = "/" + field + "/" + index;
            var name = reading.name(entries.get(index), at, JobRequest.STANDARD_MODEL);
            if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
                reading.add(
                        ErrorKind.OUT_OF_RANGE,
                        at,
                        "must be a model's name of 1 to " + MAX_NAME_LENGTH + " characters");
            }
            names.add(name);
        }
        return names;
    }

    private List<Double> numbers(String field, List<Double> usual) {
        if (!body.has(field)) {
            return usual;
        }
        var numbers = new ArrayList<Double>();
        var entries = list(field);
        for (int index = 0; index < entries.size(); index++) {
            var value = entries.get(index);
            if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() > 100) {
                reading.add(
                        ErrorKind.OUT_OF_RANGE,
                        "/" + field + "/" + index,
                        "must be a number between 0 and 100: was " + value);
            }
            numbers.add(value.doubleValue());
        }
        return numbers;
    }

    private List<Long> seeds() {
        if (!body.has("seeds")) {
            return List.of(0L);
        }
        var seeds = new ArrayList<Long>();
        var entries = list("seeds");
        for (int index = 0; index < entries.size(); index++) {
            seeds.add(reading.wholeNumber(entries.get(index), "/seeds/" + index, Long.MIN_VALUE, Long.MAX_VALUE, 0));
        }
        return seeds;
    }

    private List<Reference> references() {
        var references = new ArrayList<Reference>();
        var entries = list("references");
        for (int index = 0; index < entries.size(); index++) {
            var at = "/references/" + index;
            var entry = entries.get(index);
            if (reading.isObject(entry, at, REFERENCE_FIELDS)) {
                double accuracy = entry.path("accuracy").asDouble(-1);
                if (!entry.path("accuracy").isNumber() || accuracy < 0 || accuracy > 1) {
                    reading.add(ErrorKind.OUT_OF_RANGE, at + "/accuracy", "must be a number between 0 and 1");
                }
                if (!entry.path("name").isTextual() || !entry.path("source").isTextual()) {
                    reading.add(ErrorKind.MISSING_FIELD, at, "must have a name and a source");
                }
                references.add(new Reference(
                        entry.path("name").asText(),
                        accuracy,
                        entry.path("source").asText()));
            }
        }
        return references;
    }

    /** What is said of the models counts in the report alone; here it is only seen to be readable. */
    private void models() {
        if (body.has("models")) {
            if (!body.get("models").isObject()) {
                reading.wrongType("/models", "an object", body.get("models"));
                return;
            }
            body.get("models").properties().forEach(model -> {
                var at = Reading.child("/models", model.getKey());
                if (reading.isObject(model.getValue(), at, MODEL_FIELDS)) {
                    model.getValue().properties().forEach(field -> {
                        if (!field.getValue().isNumber() || field.getValue().doubleValue() < 0) {
                            reading.add(
                                    ErrorKind.OUT_OF_RANGE,
                                    at + "/" + field.getKey(),
                                    "must be a number of at least 0");
                        }
                    });
                }
            });
        }
    }

    /** The entries of a field; none if it is missing. An axis without an entry is a fault. */
    private List<JsonNode> list(String field) {
        var node = body.get(field);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            if (reading.faults().stream().noneMatch(fault -> fault.pointer().equals("/" + field))) {
                reading.wrongType("/" + field, "a list", node);
            }
            return List.of();
        }
        var entries = new ArrayList<JsonNode>();
        node.forEach(entries::add);
        if (entries.isEmpty()
                && reading.faults().stream().noneMatch(fault -> fault.pointer().equals("/" + field))) {
            reading.add(ErrorKind.OUT_OF_RANGE, "/" + field, "must have an entry: has none");
        }
        return entries;
    }

    private Optional<JsonNode> given(String field) {
        return Optional.ofNullable(body.get(field));
    }

    private static final Answers NO_ANSWERS = new Answers() {
        @Override
        public Optional<String> extract(String text) {
            return Optional.empty();
        }

        @Override
        public boolean equivalent(String one, String other) {
            return one.equals(other);
        }
    };
}
