package cloudchamber.coordinator.http.chat;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.jobs.ExtractionRequest;
import cloudchamber.coordinator.http.jobs.JobRequest;
import cloudchamber.coordinator.http.jobs.SamplingRequest;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiError.Fault;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a client posts to {@code /v1/chat/completions}: read whole, or refused with everything that is wrong
 * with it. Top-level fields nobody knows are passed over, as clients add new ones; those inside {@code its}
 * are refused.
 *
 * @param job one problem, whose prompt is the conversation
 * @param choices how many distinct answers are wanted
 * @param metadata whether the answer tells of the search
 */
record ChatRequest(
        JobSpecification job, String model, boolean stream, boolean usageInStream, int choices, boolean metadata) {
    static final String PROBLEM = "p1";

    private static final String DELIMITER = "\n\n";
    private static final int MAX_CHOICES = 128;
    private static final int MAX_MESSAGES = 1000;
    private static final Map<String, Message.Role> ROLES = Map.of(
            "system", Message.Role.SYSTEM,
            "developer", Message.Role.SYSTEM,
            "user", Message.Role.USER,
            "assistant", Message.Role.ASSISTANT);
    private static final List<String> PARTS = List.of("type", "text");
    /** What the {@code its} object has beside the settings of a method. */
    private static final List<String> OTHERS = List.of(
            "algorithm",
            "prm",
            "grader",
            "seed",
            "max_steps",
            "max_step_tokens",
            "step",
            "allow_degenerate",
            "end_at_answer",
            ExtractionRequest.EXTRACTION,
            "max_thinking_tokens",
            "score_thoughts");

    private static final Map<String, String> ALIASES = Map.of("particle-filtering", ParticleFilterSettings.ID);

    /**
     * What is asked outside the body, which wins over it.
     *
     * @param budget the header {@code X-ITS-Budget}
     * @param algorithm the header {@code X-ITS-Algorithm}
     */
    record Headers(Optional<String> budget, Optional<String> algorithm) {}

    static Checked<ChatRequest> read(JsonNode body, Headers headers, String id, long usualSeed, HttpSettings bounds) {
        var reader = new Reader(body, headers, bounds);
        var request = reader.request(id, usualSeed);
        var faults = reader.faults();
        return faults.isEmpty() ? new Checked.Valid<>(request) : new Checked.Invalid<>(ApiError.of(faults));
    }

    private static final class Reader {
        private final JsonNode body;
        private final Headers headers;
        private final HttpSettings bounds;
        private final Reading reading = new Reading();
        private final Map<String, String> snakeNames = new LinkedHashMap<>(Map.of(
                "topP",
                "top_p",
                "maxTokens",
                "max_tokens",
                "maxSteps",
                "max_steps",
                "maxStepTokens",
                "max_step_tokens",
                "maxThinkingTokens",
                "max_thinking_tokens",
                "scoreThoughts",
                "score_thoughts"));

        Reader(JsonNode body, Headers headers, HttpSettings bounds) {
            this.body = body;
            this.headers = headers;
            this.bounds = bounds;
        }

        /** The faults, in the names the client uses. */
        List<Fault> faults() {
            return reading.faults().stream()
                    .map(fault -> fault.kind() == ErrorKind.UNKNOWN_FIELD
                            ? fault
                            : new Fault(snake(fault.pointer()), fault.kind(), snake(fault.detail())))
                    .toList();
        }

        private String snake(String text) {
            var snake = text.replace("sampling.", "").replace("method.", "its.");
            for (var name : snakeNames.entrySet()) {
                snake = snake.replace(name.getKey(), name.getValue());
            }
            return snake;
        }

        ChatRequest request(String id, long usualSeed) {
            if (!body.isObject()) {
                reading.wrongType("", "an object", body);
                return null;
            }
            var model = required("model")
                    .map(node -> reading.model(node, "/model", ""))
                    .orElse("");
            var prompt = prompt();
            refuseWhatCannotBe();
            int choices = (int) number("n", 1, 1, MAX_CHOICES);
            boolean stream = flag(body, "", "stream", false);
            boolean metadata = !flag(body, "", "return_response_only", true);
            var options = given("stream_options").filter(JsonNode::isObject);
            boolean usage = options.map(object -> flag(object, "/stream_options", "include_usage", false))
                    .orElse(false);
            var its = its();
            long seed = Optional.ofNullable(its.get("seed"))
                    .map(node -> reading.wholeNumber(node, "/its/seed", Long.MIN_VALUE, Long.MAX_VALUE, 0))
                    .or(() -> given("seed")
                            .map(node -> reading.wholeNumber(node, "/seed", Long.MIN_VALUE, Long.MAX_VALUE, 0)))
                    .orElse(usualSeed);
            var method = method(its);
            var sampling = sampling(its);
            var prm = Optional.ofNullable(its.get("prm"))
                    .map(node -> reading.model(node, "/its/prm", ""))
                    .orElse(JobRequest.STANDARD_MODEL);
            var grader = Optional.ofNullable(its.get("grader"))
                    .map(node -> ExtractionRequest.grader(reading, node, "/its/grader"))
                    .orElse(Graders.math().id());
            var extraction = Optional.ofNullable(its.get(ExtractionRequest.EXTRACTION))
                    .map(node -> ExtractionRequest.read(reading, node, "/its/" + ExtractionRequest.EXTRACTION))
                    .orElse(Extraction.STANDARD);
            var end = Optional.ofNullable(its.get("end_at_answer"))
                    .map(node -> JobRequest.endAtAnswer(reading, node, "/its/end_at_answer", model))
                    .orElseGet(() -> EndAtAnswer.usual(model));
            if (!flag(its, "/its", "allow_degenerate", false) && sampling.isDegenerate(method)) {
                reading.add(
                        ErrorKind.DEGENERATE_CONFIG,
                        "/temperature",
                        SamplingRequest.degenerate(method) + "; its.allow_degenerate accepts it");
            }
            if (reading.count() > 0) {
                return null;
            }
            reading.checked(
                    ErrorKind.UNSUPPORTED_SETTINGS,
                    "/its",
                    null,
                    () -> Methods.start(method, sampling.sampling(), sampling.limits(), JobRequest.NO_ANSWERS));
            var job = new JobSpecification(
                    id,
                    List.of(new JobSpecification.Question(PROBLEM, prompt)),
                    method,
                    model,
                    prm,
                    sampling.sampling(),
                    sampling.limits(),
                    sampling.stops(),
                    seed,
                    grader);
            return new ChatRequest(
                    job.withParticles(end, sampling.thinking()).withExtraction(extraction),
                    model,
                    stream,
                    usage,
                    choices,
                    metadata);
        }

        private Prompt prompt() {
            var node = required("messages").orElse(null);
            var messages = new ArrayList<Message>();
            if (node == null) {
                return null;
            }
            if (!node.isArray() || node.isEmpty() || node.size() > MAX_MESSAGES) {
                reading.add(
                        node.isArray() ? ErrorKind.OUT_OF_RANGE : ErrorKind.WRONG_TYPE,
                        "/messages",
                        "must be a list of 1 to " + MAX_MESSAGES + " messages: was "
                                + (node.isArray() ? "one of " + node.size() : "none"));
                return null;
            }
            int before = reading.count();
            int characters = 0;
            for (int index = 0; index < node.size(); index++) {
                var message = message(node.get(index), "/messages/" + index);
                message.ifPresent(messages::add);
                characters += message.map(read -> read.content().length()).orElse(0);
            }
            if (characters > bounds.maxQuestionCharacters()) {
                reading.add(
                        ErrorKind.PROMPT_TOO_LONG,
                        "/messages",
                        "must have at most " + bounds.maxQuestionCharacters() + " characters together: had "
                                + characters);
            }
            if (reading.count() > before) {
                return null;
            }
            if (messages.getLast().role() != Message.Role.USER) {
                reading.add(
                        ErrorKind.UNKNOWN_VALUE,
                        "/messages/" + (node.size() - 1) + "/role",
                        "must be user, as the last message's: was "
                                + Api.name(messages.getLast().role()));
                return null;
            }
            return new Prompt(messages, templateArguments());
        }

        /** What servers of chats call {@code chat_template_kwargs}, and the flag that some have apart. */
        private String templateArguments() {
            var given = given("chat_template_kwargs").orElseGet(JsonNodeFactory.instance::objectNode);
            if (given.isObject() && given("enable_thinking").isPresent()) {
                given = given.deepCopy();
                ((ObjectNode) given).put("enable_thinking", flag(body, "", "enable_thinking", true));
            }
            return JobRequest.templateArguments(reading, given, "/chat_template_kwargs");
        }

        private Optional<Message> message(JsonNode node, String at) {
            if (!node.isObject()) {
                reading.wrongType(at, "an object", node);
                return Optional.empty();
            }
            int before = reading.count();
            var role = node.get("role");
            if (role == null) {
                reading.add(ErrorKind.MISSING_FIELD, at + "/role", "must be given: is missing");
                return Optional.empty();
            }
            var speaker = ROLES.get(reading.id(role, at + "/role", ROLES.keySet(), "user"));
            var content = content(node.get("content"), at + "/content");
            if (reading.count() == before && content.isBlank()) {
                reading.add(ErrorKind.EMPTY_PROMPT, at + "/content", "must not be blank");
            }
            return Optional.of(new Message(speaker, content));
        }

        private String content(JsonNode node, String at) {
            if (node == null) {
                reading.add(ErrorKind.MISSING_FIELD, at, "must be given: is missing");
                return "";
            }
            if (!node.isArray()) {
                return reading.text(node, at, "");
            }
            var text = new StringBuilder();
            for (int index = 0; index < node.size(); index++) {
                var part = node.get(index);
                var place = at + "/" + index;
                if (!part.isObject() || !part.path("type").asText().equals("text") || !part.has("text")) {
                    reading.add(
                            ErrorKind.UNSUPPORTED_SETTINGS,
                            place,
                            "must be a part with the fields " + String.join(" and ", PARTS)
                                    + ", its type text: is another");
                } else {
                    text.append(reading.text(part.get("text"), place + "/text", ""));
                }
            }
            return text.toString();
        }

        /** What would change the answer and cannot be had is refused, not passed over. */
        private void refuseWhatCannotBe() {
            for (var field : List.of("tools", "functions")) {
                if (given(field).filter(node -> !node.isEmpty()).isPresent()) {
                    reading.add(
                            ErrorKind.UNSUPPORTED_SETTINGS,
                            "/" + field,
                            "must be left out: a search over calls of tools is not defined");
                }
            }
            if (given("response_format")
                    .filter(node -> !node.path("type").asText().equals("text"))
                    .isPresent()) {
                reading.add(
                        ErrorKind.UNSUPPORTED_SETTINGS, "/response_format", "must be {\"type\":\"text\"}: is another");
            }
            if (given("stop")
                    .filter(node -> !node.isEmpty() || node.isTextual())
                    .isPresent()) {
                reading.add(
                        ErrorKind.UNSUPPORTED_SETTINGS,
                        "/stop",
                        "must be left out: a text ends with its answer; its.step.token says what ends a step");
            }
            if (given("logprobs").filter(JsonNode::asBoolean).isPresent()) {
                reading.add(
                        ErrorKind.UNSUPPORTED_SETTINGS, "/logprobs", "must be false or left out: a search has many");
            }
        }

        private JsonNode its() {
            var node = given("its").orElse(null);
            if (node == null) {
                return JsonNodeFactory.instance.objectNode();
            }
            if (!node.isObject()) {
                reading.wrongType("/its", "an object", node);
                return JsonNodeFactory.instance.objectNode();
            }
            return node;
        }

        private MethodSettings method(JsonNode its) {
            var standards = Methods.standard();
            var ids = new ArrayList<>(standards.stream().map(MethodSettings::id).toList());
            ids.addAll(ALIASES.keySet());
            var usual = standards.getFirst();
            var named = headers.algorithm()
                    .<JsonNode>map(JsonNodeFactory.instance::textNode)
                    .or(() -> Optional.ofNullable(its.get("algorithm")))
                    .map(node -> reading.id(node, "/its/algorithm", ids, usual.id()))
                    .orElse(usual.id());
            var id = ALIASES.getOrDefault(named, named);
            var standard = standards.stream()
                    .filter(settings -> settings.id().equals(id))
                    .findFirst()
                    .orElseThrow();
            var camelNames = new LinkedHashMap<String, String>();
            Arrays.stream(standard.getClass().getRecordComponents())
                    .map(RecordComponent::getName)
                    .forEach(name -> camelNames.put(snakeOf(name), name));
            camelNames.forEach((snake, camel) -> snakeNames.put(camel, snake));
            var known = new LinkedHashSet<>(camelNames.keySet());
            known.addAll(OTHERS);
            reading.isObject(its, "/its", known);
            var settings = JsonNodeFactory.instance.objectNode();
            camelNames.forEach((snake, camel) -> {
                if (its.has(snake)) {
                    settings.set(camel, its.get(snake));
                }
            });
            spend(settings, standard, camelNames);
            return (MethodSettings) reading.overlay(settings, "/its", (Record) standard, Set.of());
        }

        /** Makes the budget, which counts generations, a number of particles. */
        private void spend(ObjectNode settings, MethodSettings standard, Map<String, String> camelNames) {
            var budget = budget();
            if (settings.has("particles")) {
                settings.put(
                        "particles",
                        reading.wholeNumber(settings.get("particles"), "/its/particles", 1, bounds.maxParticles(), 1));
            }
            if (budget.isEmpty()) {
                return;
            }
            long wanted = budget.get();
            if (!camelNames.containsKey("particles")) {
                if (wanted != 1) {
                    reading.add(
                            ErrorKind.OUT_OF_RANGE,
                            "/budget",
                            "must be 1, as " + standard.id() + " generates once: was " + wanted);
                }
                return;
            }
            long times = count(settings, standard, "iterations") * count(settings, standard, "chains");
            if (settings.has("particles")) {
                long asked = settings.get("particles").asLong() * times;
                if (asked != wanted) {
                    reading.conflict(
                            "/budget",
                            "/its/particles",
                            "particles × iterations × chains = " + asked + ", and the budget is " + wanted);
                }
            } else if (wanted % times != 0) {
                reading.add(
                        ErrorKind.OUT_OF_RANGE,
                        "/budget",
                        "must be a multiple of iterations × chains, " + times + ": was " + wanted);
            } else {
                settings.put("particles", wanted / times);
            }
        }

        private static long count(ObjectNode settings, MethodSettings standard, String name) {
            var usual = Json.tree(standard).path(name).asLong(1);
            return Math.max(1, settings.path(name).asLong(usual));
        }

        private Optional<Long> budget() {
            if (headers.budget().isPresent()) {
                var text = headers.budget().get();
                var node = text.matches("-?[0-9]{1,18}")
                        ? JsonNodeFactory.instance.numberNode(Long.parseLong(text))
                        : JsonNodeFactory.instance.textNode(text);
                return Optional.of(reading.wholeNumber(node, "/budget", 1, bounds.maxParticles(), 1));
            }
            return given("budget").map(node -> reading.wholeNumber(node, "/budget", 1, bounds.maxParticles(), 1));
        }

        private SamplingRequest sampling(JsonNode its) {
            var fields = JsonNodeFactory.instance.objectNode();
            given("temperature").ifPresent(node -> fields.set("temperature", node));
            given("top_p").ifPresent(node -> fields.set("topP", node));
            given("max_completion_tokens")
                    .or(() -> given("max_tokens"))
                    .ifPresent(node -> fields.set("maxTokens", node));
            Optional.ofNullable(its.get("max_steps")).ifPresent(node -> fields.set("maxSteps", node));
            Optional.ofNullable(its.get("max_step_tokens")).ifPresent(node -> fields.set("maxStepTokens", node));
            Optional.ofNullable(its.get("max_thinking_tokens"))
                    .ifPresent(node -> fields.set("maxThinkingTokens", node));
            Optional.ofNullable(its.get("score_thoughts")).ifPresent(node -> fields.set("scoreThoughts", node));
            var step = its.get("step");
            if (step != null && reading.isObject(step, "/its/step", List.of("token"))) {
                var token =
                        step.has("token") ? reading.text(step.get("token"), "/its/step/token", DELIMITER) : DELIMITER;
                fields.putArray("stops").add(token);
            }
            return reading.overlay(fields, "", SamplingRequest.STANDARD, Set.of());
        }

        private long number(String field, long usual, long minimum, long maximum) {
            return given(field)
                    .map(node -> reading.wholeNumber(node, "/" + field, minimum, maximum, usual))
                    .orElse(usual);
        }

        private boolean flag(JsonNode object, String at, String field, boolean usual) {
            var node = object.get(field);
            if (node == null || node.isNull()) {
                return usual;
            }
            return node.isBoolean()
                    ? node.booleanValue()
                    : reading.wrongType(at + "/" + field, "true or false", node, usual);
        }

        private Optional<JsonNode> required(String field) {
            var node = given(field);
            if (node.isEmpty()) {
                reading.add(ErrorKind.MISSING_FIELD, "/" + field, "must be given: is missing");
            }
            return node;
        }

        /** Clients write null for what they leave out. */
        private Optional<JsonNode> given(String field) {
            return Optional.ofNullable(body.get(field)).filter(node -> !node.isNull());
        }

        private static String snakeOf(String camel) {
            return camel.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        }
    }
}
