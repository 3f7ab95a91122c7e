package cloudchamber.coordinator.http.jobs;

import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Target;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The method that a job asks for.
 *
 * @param body of the job
 * @param reading gets what is wrong
 */
record MethodRequest(JsonNode body, HttpSettings bounds, Reading reading) {
    private static final String METHOD_ID = "id";
    private static final String PARTICLES = "particles";
    private static final String TARGET = "target";
    private static final int MAX_SWEEPS = 64;

    /** The method, with the generations that the budget gives it. */
    MethodSettings read() {
        return withGenerations(method());
    }

    /** Generations are a way to say how many particles: the two together would contradict each other. */
    private MethodSettings withGenerations(MethodSettings method) {
        var generations = given("budget").map(node -> node.get("generations")).orElse(null);
        if (generations == null) {
            return method;
        }
        int before = reading.count();
        int asked = (int) reading.wholeNumber(
                generations, "/budget/generations", 1, (long) bounds.maxParticles() * MAX_SWEEPS, 1);
        if (given("method").filter(node -> node.has(PARTICLES)).isPresent()) {
            reading.conflict(
                    "/budget/generations",
                    "/method/particles",
                    "the number of generations decides that of particles, so only one may be given");
        }
        if (reading.count() > before) {
            return method;
        }
        try {
            var within = method.withBudget(asked);
            return isBounded(within) ? within : method;
        } catch (IllegalArgumentException tooFew) {
            reading.add(ErrorKind.OUT_OF_RANGE, "/budget/generations", tooFew.getMessage());
            return method;
        }
    }

    /*
     * The settings of a method are read by the shape of their record, so that a new method is read
     * without a line here. Only how many steps a round has, and how many generations a problem, is bounded here,
     * for it is what a request costs before a single token is generated.
     */
    private MethodSettings method() {
        var standards = Methods.standard();
        var usual = standards.getFirst();
        var node = given("method").orElse(null);
        if (node == null) {
            return usual;
        }
        if (!node.isObject()) {
            reading.wrongType("/method", "an object", node);
            return usual;
        }
        var ids = standards.stream().map(MethodSettings::id).toList();
        var id = node.has(METHOD_ID) ? reading.id(node.get(METHOD_ID), "/method/id", ids, usual.id()) : usual.id();
        var standard = standard(standards, id, node);
        ObjectNode settings = node.deepCopy();
        var particles = settings.get(PARTICLES);
        if (particles != null && particles.isIntegralNumber()) {
            settings.put(PARTICLES, reading.wholeNumber(particles, "/method/particles", 1, bounds.maxParticles(), 1));
        }
        int before = reading.count();
        var method = (MethodSettings) reading.overlay(settings, "/method", (Record) standard, Set.of(METHOD_ID));
        return reading.count() == before && isBounded(method) ? method : usual;
    }

    /** The method as it usually runs; the particle filter's usual settings go with its target. */
    private static MethodSettings standard(List<MethodSettings> standards, String id, JsonNode method) {
        return standards.stream()
                .filter(settings -> settings.id().equals(id))
                .map(settings -> settings instanceof ParticleFilterSettings
                        ? Arrays.stream(Target.values())
                                .filter(target ->
                                        target.id().equals(method.path(TARGET).textValue()))
                                .findFirst()
                                .<MethodSettings>map(ParticleFilterSettings::standard)
                                .orElse(settings)
                        : settings)
                .findFirst()
                .orElseThrow();
    }

    private boolean isBounded(MethodSettings method) {
        var allocation = method.allocation();
        long branching = method instanceof ParticleFilterSettings filter ? filter.branching() : 1;
        long steps = Math.multiplyExact(allocation.particles() * branching, (long) allocation.chains());
        if (steps > bounds.maxParticles()) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/method",
                    "must have at most " + bounds.maxParticles()
                            + " steps in a round, particles × branching × chains: had " + steps);
            return false;
        }
        long generations = steps * allocation.iterations();
        long most = (long) bounds.maxParticles() * MAX_SWEEPS;
        if (generations > most) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/method",
                    "must have at most " + most + " generations, particles × branching × chains × iterations: had "
                            + generations);
            return false;
        }
        return true;
    }

    private Optional<JsonNode> given(String field) {
        return Optional.ofNullable(body.get(field));
    }
}
