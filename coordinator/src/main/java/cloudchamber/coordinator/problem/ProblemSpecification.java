package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.method.Answers;
import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
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
 * @param endAtAnswer whether an answer ends a particle; null stands for {@link EndAtAnswer#AT_MARK}, which is stored so
 * @param thinking how particles may think; null stands for {@link Thinking#FREE}, which is stored so
 * @param extraction how the answer is found in a text; null stands for the first edition of the rules
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
        @JsonInclude(JsonInclude.Include.NON_NULL) Double patienceSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) EndAtAnswer endAtAnswer,
        @JsonInclude(JsonInclude.Include.NON_NULL) Thinking thinking,
        @JsonInclude(JsonInclude.Include.NON_NULL) Extraction extraction) {
    private static final double MILLIS_A_SECOND = 1000;

    public ProblemSpecification {
        stops = List.copyOf(stops);
        endAtAnswer = endAtAnswer == EndAtAnswer.AT_MARK ? null : endAtAnswer;
        thinking = Thinking.FREE.equals(thinking) ? null : thinking;
    }

    /** One of the usual patience, whose particles end and think as those always did that say nothing of it. */
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
                null,
                null,
                null,
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
                null, null);
    }

    /** Null for the coordinator's setting. */
    Duration patience() {
        return patienceSeconds == null ? null : Duration.ofMillis(Math.round(patienceSeconds * MILLIS_A_SECOND));
    }

    /** The same with particles that end and think so. */
    public ProblemSpecification withParticles(EndAtAnswer end, Thinking thoughts) {
        return new ProblemSpecification(
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
                patienceSeconds,
                end,
                thoughts,
                extraction);
    }

    /** The same with answers found so; null for the first edition of the rules. */
    public ProblemSpecification withExtraction(Extraction found) {
        return new ProblemSpecification(
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
                patienceSeconds,
                endAtAnswer,
                thinking,
                found);
    }

    /** Whether an answer ends a particle. */
    public EndAtAnswer ends() {
        return endAtAnswer == null ? EndAtAnswer.AT_MARK : endAtAnswer;
    }

    /** The grader, under the extraction of the problem. */
    public Grader foundBy() {
        return Graders.of(grader, extraction);
    }

    /** How answers are found and told apart, by the methods and by whoever shows or grades what came of them. */
    public Answers answers() {
        var by = foundBy();
        return ends() == EndAtAnswer.AT_MARK ? Answers.of(by) : Answers.said(by);
    }

    /** How a particle may think. */
    public Thinking thoughts() {
        return thinking == null ? Thinking.FREE : thinking;
    }

    double weight() {
        return priority == null ? 1 : priority;
    }

    public int attemptNumber() {
        return attempt == null ? 0 : attempt;
    }
}
