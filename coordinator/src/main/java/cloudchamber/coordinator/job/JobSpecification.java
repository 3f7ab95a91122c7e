package cloudchamber.coordinator.job;

import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.MethodSettings;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import java.util.HashSet;
import java.util.List;

/**
 * What a client submits.
 *
 * @param problems at least one; ids unique within the job
 * @param policy the name of the policy model
 * @param prm the name of the PRM
 * @param stops texts that end a step
 * @param grader the id of the grader that finds answers and tells equal ones
 */
public record JobSpecification(
        String id,
        List<Question> problems,
        MethodSettings method,
        String policy,
        String prm,
        Sampling sampling,
        Limits limits,
        List<String> stops,
        long seed,
        String grader) {

    /** One problem of a job. */
    public record Question(String id, Prompt prompt) {
        public Question {
            if (id == null || id.isBlank() || id.length() > MAX_ID_LENGTH) {
                throw new IllegalArgumentException("a problem's id must have 1 to " + MAX_ID_LENGTH
                        + " characters: was " + (id == null ? "missing" : "\"" + id + "\""));
            }
        }
    }

    /** The longest id of a problem. */
    public static final int MAX_ID_LENGTH = 200;

    public JobSpecification {
        problems = List.copyOf(problems);
        stops = List.copyOf(stops);
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("problems must have at least one entry: had none");
        }
        var ids = new HashSet<String>();
        for (var problem : problems) {
            if (!ids.add(problem.id())) {
                throw new IllegalArgumentException(
                        "problem ids must be unique within a job: \"" + problem.id() + "\" stands twice");
            }
        }
    }
}
