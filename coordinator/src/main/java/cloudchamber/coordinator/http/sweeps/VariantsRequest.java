package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.http.jobs.JobRequest;
import cloudchamber.coordinator.http.jobs.SamplingRequest;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.sweep.Grid.Variant;
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
import java.util.stream.Collectors;

/** The methods of a sweep, each with every combination of the axes that it has. */
final class VariantsRequest {
    private static final List<String> ALLOCATION_FIELDS = List.of("particles", "iterations", "chains");
    private static final int MAX_BUDGET = 1 << 20;

    private final SweepFields fields;
    private final HttpSettings bounds;
    private final Reading reading;
    private final List<Skipped> skipped = new ArrayList<>();
    private final List<Integer> budgets = new ArrayList<>();
    private final List<JsonNode> allocations = new ArrayList<>();

    /** @param reading gets what is wrong */
    VariantsRequest(SweepFields fields, HttpSettings bounds, Reading reading) {
        this.fields = fields;
        this.bounds = bounds;
        this.reading = reading;
    }

    /** What cannot run, found by reading. */
    List<Skipped> skipped() {
        return List.copyOf(skipped);
    }

    List<Variant> read(SamplingRequest sampling) {
        readBudgets();
        var methods = fields.body().has("methods") ? fields.list("methods") : List.<JsonNode>of();
        if (!fields.body().has("methods")) {
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
        return fields.body().has("allocations") || fields.body().has("budgets") ? more : overlays;
    }

    private void readBudgets() {
        if (fields.body().has("allocations") && fields.body().has("budgets")) {
            reading.add(ErrorKind.UNKNOWN_FIELD, "/budgets", "must be left out where allocations are given");
        }
        var given = fields.list("budgets");
        for (int index = 0; index < given.size(); index++) {
            budgets.add((int) reading.wholeNumber(given.get(index), "/budgets/" + index, 1, MAX_BUDGET, 1));
        }
        var entries = fields.list("allocations");
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
        if (!fields.body().has(axis) || !base.components().contains(component)) {
            return overlays;
        }
        var values = fields.list(axis);
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
            Methods.start(method, sampling.sampling(), sampling.limits(), JobRequest.NO_ANSWERS);
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
}
