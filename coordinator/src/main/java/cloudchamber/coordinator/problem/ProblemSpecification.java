package cloudchamber.coordinator.problem;

import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.MethodSettings;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Everything a problem's result depends on.
 *
 * @param problem as the client gave it; with the seed it names the problem's random streams
 * @param policy the name of the policy model
 * @param prm the name of the PRM
 * @param stops texts that end a step
 * @param grader the id of the grader that finds answers and tells equal ones
 * @param order the problem's age among all: smaller is served first
 * @param attempt how often it was tried before, failed and was asked for again; null stands for 0
 */
public record ProblemSpecification(
        String job,
        String problem,
        Prompt prompt,
        MethodSettings method,
        String policy,
        String prm,
        Sampling sampling,
        Limits limits,
        List<String> stops,
        long seed,
        String grader,
        long order,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer attempt) {
    public ProblemSpecification {
        stops = List.copyOf(stops);
    }

    /** One that is tried for the first time. */
    public ProblemSpecification(
            String job,
            String problem,
            Prompt prompt,
            MethodSettings method,
            String policy,
            String prm,
            Sampling sampling,
            Limits limits,
            List<String> stops,
            long seed,
            String grader,
            long order) {
        this(job, problem, prompt, method, policy, prm, sampling, limits, stops, seed, grader, order, null);
    }

    int attemptNumber() {
        return attempt == null ? 0 : attempt;
    }
}
