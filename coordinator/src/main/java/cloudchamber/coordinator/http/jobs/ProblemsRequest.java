package cloudchamber.coordinator.http.jobs;

import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.PathIds;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The problems that a job asks for, each as a prompt.
 *
 * @param body of the job
 * @param reading gets what is wrong
 */
record ProblemsRequest(JsonNode body, HttpSettings bounds, Reading reading) {
    private static final List<String> PROBLEM_FIELDS = List.of("id", "question");
    private static final int MAX_PROBLEMS = 100_000;
    private static final List<String> EXAMPLE_FIELDS = List.of("question", "answer");
    private static final int MAX_EXAMPLES = 64;

    /** @param arguments what the template is told; null for nothing */
    List<JobSpecification.Question> read(String arguments) {
        return problems(introduction(), arguments);
    }

    /** What stands before each question: the system prompt, then solved examples as turns of a conversation. */
    private List<Message> introduction() {
        var messages = new ArrayList<Message>();
        given("systemPrompt").ifPresent(node -> {
            var text = prompt(node, "/systemPrompt");
            messages.add(new Message(Message.Role.SYSTEM, text));
        });
        given("examples").ifPresent(node -> {
            if (!node.isArray()) {
                reading.wrongType("/examples", "a list of objects", node);
            } else if (node.size() > MAX_EXAMPLES) {
                reading.add(
                        ErrorKind.OUT_OF_RANGE,
                        "/examples",
                        "must have at most " + MAX_EXAMPLES + " entries: had " + node.size());
            } else {
                for (int index = 0; index < node.size(); index++) {
                    var at = "/examples/" + index;
                    if (reading.isObject(node.get(index), at, EXAMPLE_FIELDS)) {
                        messages.add(new Message(Message.Role.USER, prompt(node.get(index), at, "question")));
                        messages.add(new Message(Message.Role.ASSISTANT, prompt(node.get(index), at, "answer")));
                    }
                }
            }
        });
        return messages;
    }

    /**
     * @param introduction what stands before each question
     * @param arguments what the template is told; null for nothing
     */
    private List<JobSpecification.Question> problems(List<Message> introduction, String arguments) {
        var node = given("problems").orElse(null);
        if (node == null) {
            reading.add(ErrorKind.MISSING_FIELD, "/problems", "must be given: is missing");
            return List.of();
        }
        if (!node.isArray()) {
            reading.wrongType("/problems", "a list of objects", node);
            return List.of();
        }
        if (node.isEmpty() || node.size() > MAX_PROBLEMS) {
            reading.add(
                    ErrorKind.OUT_OF_RANGE,
                    "/problems",
                    "must have 1 to " + MAX_PROBLEMS + " entries: had " + node.size());
            return List.of();
        }
        var problems = new ArrayList<JobSpecification.Question>(node.size());
        var ids = new HashSet<String>();
        for (int index = 0; index < node.size(); index++) {
            var at = "/problems/" + index;
            if (reading.isObject(node.get(index), at, PROBLEM_FIELDS)) {
                var id = problemId(node.get(index), at, index);
                if (!ids.add(id)) {
                    reading.add(
                            ErrorKind.DUPLICATE_ID,
                            at + "/id",
                            "must be unique within a job: \"" + id + "\" stands twice");
                }
                var messages = new ArrayList<>(introduction);
                messages.add(new Message(Message.Role.USER, prompt(node.get(index), at, "question")));
                problems.add(new JobSpecification.Question(id, new Prompt(messages, arguments)));
            }
        }
        return problems;
    }

    private String problemId(JsonNode problem, String at, int index) {
        var usual = "p" + (index + 1);
        var node = problem.get("id");
        if (node == null) {
            return usual;
        }
        var id = reading.text(node, at + "/id", usual);
        if (!PathIds.isProblem(id)) {
            reading.add(
                    ErrorKind.INVALID_ID,
                    at + "/id",
                    "must have 1 to " + JobSpecification.MAX_ID_LENGTH
                            + " characters, not be blank, have no control characters, and be neither . nor ..");
            return usual;
        }
        return id;
    }

    private String prompt(JsonNode object, String at, String field) {
        var place = at + "/" + field;
        var node = object.get(field);
        if (node == null) {
            reading.add(ErrorKind.MISSING_FIELD, place, "must be given: is missing");
            return "";
        }
        return prompt(node, place);
    }

    private String prompt(JsonNode node, String place) {
        int before = reading.count();
        var question = reading.text(node, place, "");
        if (reading.count() > before) {
            return question;
        }
        if (question.isBlank()) {
            reading.add(ErrorKind.EMPTY_PROMPT, place, "must not be blank: was \"" + question.strip() + "\"");
        } else if (question.length() > bounds.maxQuestionCharacters()) {
            reading.add(
                    ErrorKind.PROMPT_TOO_LONG,
                    place,
                    "must have at most " + bounds.maxQuestionCharacters() + " characters: had " + question.length());
        }
        return question;
    }

    private Optional<JsonNode> given(String field) {
        return Optional.ofNullable(body.get(field));
    }
}
