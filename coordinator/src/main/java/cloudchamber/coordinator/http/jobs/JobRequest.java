package cloudchamber.coordinator.http.jobs;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.http.api.AvailableModels;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.http.transport.Suggestion;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a client posts to have a job: read whole, or refused with everything that is wrong with it.
 *
 * <p>Only {@code problems} must be given. What is left out is as usual: ids {@code p1}, {@code p2}, …, the
 * particle filter's standard settings, the models {@code bundled}, seed 0, the grader {@code math}.
 */
public final class JobRequest {
    /** What a job without a model's name asks for. */
    public static final String STANDARD_MODEL = EndAtAnswer.BUNDLED;

    /** Whether an answer ends a particle, in jobs and sweeps. */
    public static final String END_AT_ANSWER = "endAtAnswer";

    /** What the policy's template is told beside the prompt, in jobs and sweeps. */
    public static final String TEMPLATE_ARGUMENTS = "templateArguments";

    public static final List<String> FIELDS = List.of(
            "problems",
            "method",
            "policy",
            "prm",
            "seed",
            "sampling",
            "grader",
            "labels",
            "systemPrompt",
            "examples",
            "budget",
            "priority",
            "numericsFamily",
            "patienceSeconds",
            "allowDegenerate",
            END_AT_ANSWER,
            ExtractionRequest.EXTRACTION,
            TEMPLATE_ARGUMENTS);

    private static final int MAX_MODEL_NAME_LENGTH = 200;

    private static final List<String> BUDGET_FIELDS = List.of("generations", "tokens", "seconds");
    private static final double MIN_SECONDS = 0.001;
    private static final double MIN_PATIENCE_SECONDS = 1;
    private static final double MAX_PATIENCE_SECONDS = 604_800;
    private static final double MIN_PRIORITY = 0.01;
    private static final double MAX_PRIORITY = 100;
    private static final Pattern NUMERICS_FAMILY = Pattern.compile("[^/]+/[^/]+");

    private static final int MAX_TEMPLATE_ARGUMENTS = 16;
    private static final int MAX_TEMPLATE_ARGUMENTS_LENGTH = 4096;
    private static final int MAX_LABELS = 64;
    private static final int MAX_LABEL_LENGTH = 256;

    private final JsonNode body;
    private final HttpSettings bounds;
    private final AvailableModels served;
    private final Reading reading = new Reading();

    private JobRequest(JsonNode body, HttpSettings bounds, AvailableModels served) {
        this.body = body;
        this.bounds = bounds;
        this.served = served;
    }

    /**
     * The job a body asks for.
     *
     * @param id what the job will be called
     * @param bounds how much a question and a method may ask for
     * @param served the models that workers serve
     */
    public static Checked<JobSpecification> read(
            JsonNode body, String id, HttpSettings bounds, AvailableModels served) {
        var request = new JobRequest(body, bounds, served);
        var specification = request.specification(id);
        var faults = request.reading.faults();
        return faults.isEmpty()
                ? new Checked.Valid<>(specification.orElseThrow())
                : new Checked.Invalid<>(ApiError.of(faults));
    }

    private Optional<JobSpecification> specification(String id) {
        if (!reading.isObject(body, "", FIELDS)) {
            return Optional.empty();
        }
        var arguments = given(TEMPLATE_ARGUMENTS)
                .map(node -> templateArguments(reading, node, "/" + TEMPLATE_ARGUMENTS))
                .orElse(null);
        var problems = new ProblemsRequest(body, bounds, reading).read(arguments);
        var method = new MethodRequest(body, bounds, reading).read();
        var budget = budget();
        var priority = given("priority")
                .map(node -> reading.number(node, "/priority", MIN_PRIORITY, MAX_PRIORITY, 1))
                .orElse(null);
        var sampling = given("sampling")
                .map(node -> reading.overlay(node, "/sampling", SamplingRequest.STANDARD, Set.of()))
                .orElse(SamplingRequest.STANDARD);
        var policy = model("policy", served.policyContexts().keySet());
        var prm = model("prm", served.prms());
        refuseMoreThanTheContext(policy, sampling);
        refuseIdenticalParticles(method, sampling);
        long seed = given("seed")
                .map(node -> reading.wholeNumber(node, "/seed", Long.MIN_VALUE, Long.MAX_VALUE, 0))
                .orElse(0L);
        var grader = given("grader")
                .map(node -> ExtractionRequest.grader(reading, node, "/grader"))
                .orElse(Graders.math().id());
        var extraction = given(ExtractionRequest.EXTRACTION)
                .map(node -> ExtractionRequest.read(reading, node, "/" + ExtractionRequest.EXTRACTION))
                .orElse(Extraction.STANDARD);
        var labels = labels();
        var numericsFamily = numericsFamily();
        var patience = given("patienceSeconds")
                .map(node -> reading.number(node, "/patienceSeconds", MIN_PATIENCE_SECONDS, MAX_PATIENCE_SECONDS, 1))
                .orElse(null);
        var end = given(END_AT_ANSWER)
                .map(node -> endAtAnswer(reading, node, "/" + END_AT_ANSWER, policy))
                .orElseGet(() -> EndAtAnswer.usual(policy));
        if (reading.count() > 0) {
            return Optional.empty();
        }
        reading.checked(
                ErrorKind.UNSUPPORTED_SETTINGS,
                "/method",
                null,
                () -> Methods.start(method, sampling.sampling(), sampling.limits(), NO_ANSWERS));
        return Optional.of(new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling.sampling(),
                sampling.limits(),
                sampling.stops(),
                seed,
                grader,
                null,
                labels,
                budget,
                priority,
                null,
                numericsFamily,
                patience,
                end,
                sampling.thinking(),
                extraction));
    }

    /** Reads an object of flags, numbers and texts; null if it is empty. */
    public static String templateArguments(Reading reading, JsonNode node, String at) {
        if (!node.isObject()) {
            return reading.wrongType(at, "an object", node, null);
        }
        if (node.size() > MAX_TEMPLATE_ARGUMENTS || node.toString().length() > MAX_TEMPLATE_ARGUMENTS_LENGTH) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    at,
                    "must have at most " + MAX_TEMPLATE_ARGUMENTS + " entries and " + MAX_TEMPLATE_ARGUMENTS_LENGTH
                            + " characters: had " + node.size() + " and "
                            + node.toString().length());
        }
        node.properties().stream()
                .filter(argument -> !argument.getValue().isValueNode()
                        || argument.getValue().isNull())
                .forEach(argument -> reading.wrongType(
                        Reading.child(at, argument.getKey()), "a flag, a number or a text", argument.getValue()));
        return node.isEmpty() ? null : node.toString();
    }

    /** Reads whether an answer ends a particle. */
    public static EndAtAnswer endAtAnswer(Reading reading, JsonNode node, String at, String policy) {
        var rules = Arrays.stream(EndAtAnswer.values()).collect(Collectors.toMap(EndAtAnswer::id, rule -> rule));
        var ids = Arrays.stream(EndAtAnswer.values()).map(EndAtAnswer::id).toList();
        return rules.get(reading.id(node, at, ids, EndAtAnswer.usual(policy).id()));
    }

    private Budget budget() {
        var node = given("budget").orElse(null);
        if (node == null || !reading.isObject(node, "/budget", BUDGET_FIELDS)) {
            return null;
        }
        var tokens = node.get("tokens");
        var seconds = node.get("seconds");
        int before = reading.count();
        var budget = new Budget(
                tokens == null ? null : reading.wholeNumber(tokens, "/budget/tokens", 1, Long.MAX_VALUE, 1),
                seconds == null
                        ? null
                        : Double.valueOf(
                                reading.number(seconds, "/budget/seconds", MIN_SECONDS, Budget.MAX_SECONDS, 1)));
        return reading.count() > before || tokens == null && seconds == null ? null : budget;
    }

    private Map<String, String> labels() {
        var node = given("labels").orElse(null);
        if (node == null) {
            return Map.of();
        }
        if (!node.isObject()) {
            reading.wrongType("/labels", "an object", node);
            return Map.of();
        }
        if (node.size() > MAX_LABELS) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/labels",
                    "must have at most " + MAX_LABELS + " entries: had " + node.size());
        }
        var labels = new LinkedHashMap<String, String>();
        node.properties().forEach(label -> {
            int before = reading.count();
            var value = reading.name(label.getValue(), "/labels/" + label.getKey(), "");
            if (reading.count() == before && value.length() > MAX_LABEL_LENGTH) {
                reading.add(
                        ErrorKind.OUT_OF_RANGE,
                        "/labels/" + label.getKey(),
                        "must have at most " + MAX_LABEL_LENGTH + " characters: had " + value.length());
            }
            var key = label.getKey();
            if (key.isBlank() || key.indexOf(':') >= 0 || !Reading.isUnicode(key) || !Reading.isOneLine(key)) {
                reading.add(
                        ErrorKind.INVALID_ID,
                        "/labels/" + key,
                        "must have a name that is not blank and has no colon and no control characters");
            }
            labels.put(label.getKey(), value);
        });
        return labels;
    }

    private void refuseIdenticalParticles(MethodSettings method, SamplingRequest sampling) {
        boolean allowed = given("allowDegenerate")
                .map(node -> node.isBoolean()
                        ? node.booleanValue()
                        : reading.wrongType("/allowDegenerate", "true or false", node, false))
                .orElse(false);
        if (!allowed && sampling.isDegenerate(method)) {
            reading.add(
                    ErrorKind.DEGENERATE_CONFIG,
                    "/sampling/temperature",
                    SamplingRequest.degenerate(method) + "; allowDegenerate accepts it");
        }
    }

    /** What was left out adapts itself; what was asked for must be possible. */
    private void refuseMoreThanTheContext(String policy, SamplingRequest sampling) {
        var asked = given("sampling").orElse(body);
        if (reading.count() > 0) {
            return;
        }
        if (asked.has("maxStepTokens") && asked.has("maxTokens") && sampling.maxStepTokens() > sampling.maxTokens()) {
            reading.conflict(
                    "/sampling/maxStepTokens",
                    "/sampling/maxTokens",
                    "a step of " + sampling.maxStepTokens() + " tokens does not fit an answer of "
                            + sampling.maxTokens());
        }
        var context = served.policyContexts().get(policy);
        if (context == null) {
            return;
        }
        var limit = " tokens, the context of policy " + policy;
        if (asked.has("maxTokens") && sampling.maxTokens() > context) {
            reading.conflict("/sampling/maxTokens", "/policy", sampling.maxTokens() + " > " + context + limit);
        } else if (asked.has("maxSteps") && asked.has("maxStepTokens") && !asked.has("maxTokens")) {
            long most = (long) sampling.maxSteps() * sampling.maxStepTokens();
            if (most > context) {
                reading.conflict(
                        "/sampling/maxSteps",
                        "/sampling/maxStepTokens",
                        sampling.maxSteps() + " × " + sampling.maxStepTokens() + " = " + most + " > " + context
                                + limit);
            }
        }
    }

    /** @param served those that workers serve now; others may come, unless the setting names all there are */
    private String model(String field, Set<String> served) {
        var node = given(field).orElse(null);
        if (node == null) {
            return STANDARD_MODEL;
        }
        int before = reading.count();
        var name = reading.model(node, "/" + field, STANDARD_MODEL);
        if (reading.count() == before && !bounds.models().isEmpty()) {
            var known = new TreeSet<>(bounds.models());
            known.addAll(served);
            if (!known.contains(name)) {
                reading.add(
                        ErrorKind.UNKNOWN_MODEL,
                        "/" + field,
                        "must be one of " + String.join(", ", known) + ": was another"
                                + Suggestion.sentence(name, known));
            }
        }
        if (reading.count() == before && (name.isBlank() || name.length() > MAX_MODEL_NAME_LENGTH)) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/" + field,
                    "must be a model's name of 1 to " + MAX_MODEL_NAME_LENGTH + " characters: had " + name.length());
        }
        return name;
    }

    private String numericsFamily() {
        var node = given("numericsFamily").orElse(null);
        if (node == null) {
            return null;
        }
        int before = reading.count();
        var family = reading.name(node, "/numericsFamily", "");
        if (reading.count() == before
                && (family.length() > MAX_MODEL_NAME_LENGTH
                        || !NUMERICS_FAMILY.matcher(family).matches())) {
            reading.add(
                    ErrorKind.INVALID_ID,
                    "/numericsFamily",
                    "must be LIBRARY/VARIANT, the first two parts of a worker's numerics class: was \"" + family
                            + "\"");
        }
        return family;
    }

    private Optional<JsonNode> given(String field) {
        return Optional.ofNullable(body.get(field));
    }

    /** For settings that are only looked at. */
    public static final Answers NO_ANSWERS = new Answers() {
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
