package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.http.jobs.ExtractionRequest;
import cloudchamber.coordinator.http.jobs.JobRequest;
import cloudchamber.coordinator.http.jobs.SamplingRequest;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.Grid;
import cloudchamber.coordinator.sweep.Grid.Variant;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepSpecification.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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

    private static final List<String> REFERENCE_FIELDS = List.of("name", "accuracy", "source");
    private static final List<String> MODEL_FIELDS = List.of("parameters", "gpus");

    private static final int MAX_CELLS = 10_000;
    private static final int MAX_NAME_LENGTH = 200;

    /** @param pointer to the value or the place where one is missing, as RFC 6901 has it */
    public record Fault(String pointer, String detail) {}

    /** @param specification empty if there are faults */
    public record Result(Optional<SweepSpecification> specification, List<Fault> faults) {}

    private final JsonNode body;
    private final Function<String, Optional<DataSet>> dataSets;
    private final HttpSettings bounds;
    private final Reading reading = new Reading();
    private final SweepFields fields;

    private SweepRequest(JsonNode body, Function<String, Optional<DataSet>> dataSets, HttpSettings bounds) {
        this.body = body;
        this.dataSets = dataSets;
        this.bounds = bounds;
        this.fields = new SweepFields(body, reading);
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
        var name = fields.given("name")
                .map(node -> reading.name(node, "/name", id))
                .orElse(id);
        if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
            reading.add(ErrorKind.OUT_OF_RANGE, "/name", "must have 1 to " + MAX_NAME_LENGTH + " characters");
        }
        var sets = new DataSetsRequest(fields, dataSets, reading).read();
        var sampling = fields.given("sampling")
                .map(node -> reading.overlay(node, "/sampling", SamplingRequest.STANDARD, Set.of()))
                .orElse(SamplingRequest.STANDARD);
        var combinations = new VariantsRequest(fields, bounds, reading);
        var variants = combinations.read(sampling);
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
                fields.given(JobRequest.END_AT_ANSWER)
                        .map(node -> JobRequest.endAtAnswer(reading, node, "/" + JobRequest.END_AT_ANSWER, ""))
                        .orElse(null),
                sampling.thinking(),
                fields.given(JobRequest.TEMPLATE_ARGUMENTS)
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
                            + combinations.skipped().stream()
                                    .findFirst()
                                    .map(first -> "; " + first.reason())
                                    .orElse(""));
            return Optional.empty();
        }
        return Optional.of(
                new SweepSpecification(id, name, body.toString(), sets, plan, combinations.skipped(), references));
    }

    /** As of a job: at temperature 0 all particles of a method are one. */
    private void refuseIdenticalParticles(List<Double> temperatures, List<Variant> variants, SamplingRequest sampling) {
        boolean allowed = fields.given("allowDegenerate")
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

    private List<String> names(String field) {
        if (!body.has(field)) {
            return List.of(JobRequest.STANDARD_MODEL);
        }
        var names = new ArrayList<String>();
        var entries = fields.list(field);
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
        var entries = fields.list(field);
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
        var entries = fields.list("seeds");
        for (int index = 0; index < entries.size(); index++) {
            seeds.add(reading.wholeNumber(entries.get(index), "/seeds/" + index, Long.MIN_VALUE, Long.MAX_VALUE, 0));
        }
        return seeds;
    }

    private List<Reference> references() {
        var references = new ArrayList<Reference>();
        var entries = fields.list("references");
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
}
