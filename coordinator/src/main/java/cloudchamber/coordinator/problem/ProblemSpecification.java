package cloudchamber.coordinator.problem;

import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
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
 * @param budget null for none
 * @param priority the job's share of the slots against other jobs'; null stands for 1
 * @param numericsFamily of the workers that may serve it, {@code LIBRARY/VARIANT}; null for any
 * @param patienceSeconds how long its work may meet nothing but trouble of the infrastructure before a problem fails; null
 *     for the coordinator's setting
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
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer attempt,
        @JsonInclude(JsonInclude.Include.NON_NULL) Budget budget,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double priority,
        @JsonInclude(JsonInclude.Include.NON_NULL) String numericsFamily,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double patienceSeconds) {
    private static final double MILLIS_A_SECOND = 1000;

    public ProblemSpecification {
        stops = List.copyOf(stops);
    }

    /** One of the usual patience. */
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
            long order,
            Integer attempt,
            Budget budget,
            Double priority,
            String numericsFamily) {
        this(
                job,
                problem,
                prompt,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                order,
                attempt,
                budget,
                priority,
                numericsFamily,
                null);
    }

    /** One that is tried for the first time, without a budget. */
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
        this(
                job, problem, prompt, method, policy, prm, sampling, limits, stops, seed, grader, order, null, null,
                null, null, null);
    }

    /** Null for the coordinator's setting. */
    Duration patience() {
        return patienceSeconds == null ? null : Duration.ofMillis(Math.round(patienceSeconds * MILLIS_A_SECOND));
    }

    double weight() {
        return priority == null ? 1 : priority;
    }

    public int attemptNumber() {
        return attempt == null ? 0 : attempt;
    }
}
