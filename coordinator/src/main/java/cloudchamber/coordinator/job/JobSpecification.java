package cloudchamber.coordinator.job;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What a client submits.
 *
 * @param problems at least one, with ids unique within the job; none if they are stored already
 * @param policy the name of the policy model
 * @param prm the name of the PRM
 * @param stops texts that end a step
 * @param grader the id of the grader that finds answers and tells equal ones
 * @param total how many problems are stored already; null if {@code problems} has them
 * @param labels the client's own words for finding the job again
 * @param budget of each problem; null for none
 * @param priority the job's share of the slots against other jobs', positive; null stands for 1
 * @param tenant whose the job is; null stands for the default tenant
 * @param numericsFamily of the workers that may serve it, {@code LIBRARY/VARIANT}; null for any
 * @param patienceSeconds how long its work may meet nothing but trouble of the infrastructure before a problem fails; null
 *     for the coordinator's setting
 * @param endAtAnswer whether an answer ends a particle; null stands for {@link EndAtAnswer#AT_MARK}, which is stored so
 * @param thinking how particles may think; null stands for {@link Thinking#FREE}, which is stored so
 * @param extraction how the answer is found in a text; null stands for the first edition of the rules
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
        String grader,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer total,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_NULL) Budget budget,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double priority,
        @JsonInclude(JsonInclude.Include.NON_NULL) String tenant,
        @JsonInclude(JsonInclude.Include.NON_NULL) String numericsFamily,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double patienceSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) EndAtAnswer endAtAnswer,
        @JsonInclude(JsonInclude.Include.NON_NULL) Thinking thinking,
        @JsonInclude(JsonInclude.Include.NON_NULL) Extraction extraction) {

    /** One problem of a job. */
    public record Question(String id, Prompt prompt) {
        public Question {
            if (id == null || id.isBlank() || id.length() > MAX_ID_LENGTH) {
                throw new IllegalArgumentException("a problem's id must have 1 to " + MAX_ID_LENGTH
                        + " characters: was " + (id == null ? "missing" : "\"" + id + "\""));
            }
        }
    }

    /** Whose the jobs are that nobody in particular has submitted. */
    public static final String DEFAULT_TENANT = "default";

    /** The longest id of a problem. */
    public static final int MAX_ID_LENGTH = 200;

    public JobSpecification {
        problems = List.copyOf(problems);
        stops = List.copyOf(stops);
        labels = labels == null ? Map.of() : Map.copyOf(labels);
        endAtAnswer = endAtAnswer == EndAtAnswer.AT_MARK ? null : endAtAnswer;
        thinking = Thinking.FREE.equals(thinking) ? null : thinking;
        if (priority != null && !(priority > 0 && Double.isFinite(priority))) {
            throw new IllegalArgumentException("priority must be a positive number: was " + priority);
        }
        if (patienceSeconds != null && !(patienceSeconds > 0 && Double.isFinite(patienceSeconds))) {
            throw new IllegalArgumentException("patience must be a positive number of seconds: was " + patienceSeconds);
        }
        if (problems.isEmpty() && (total == null || total < 1)) {
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

    /** One of the usual patience, whose particles end and think as those always did that say nothing of it. */
    public JobSpecification(
            String id,
            List<Question> problems,
            MethodSettings method,
            String policy,
            String prm,
            Sampling sampling,
            Limits limits,
            List<String> stops,
            long seed,
            String grader,
            Integer total,
            Map<String, String> labels,
            Budget budget,
            Double priority,
            String tenant,
            String numericsFamily) {
        this(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                budget,
                priority,
                tenant,
                numericsFamily,
                null,
                null,
                null,
                null);
    }

    /** One without labels and a budget. */
    public JobSpecification(
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
        this(
                id, problems, method, policy, prm, sampling, limits, stops, seed, grader, null, Map.of(), null, null,
                null, null);
    }

    /** The same under another id. */
    public JobSpecification withId(String another) {
        return new JobSpecification(
                another,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                budget,
                priority,
                tenant,
                numericsFamily,
                patienceSeconds,
                endAtAnswer,
                thinking,
                extraction);
    }

    /** The same, another tenant's. */
    public JobSpecification ownedBy(String name) {
        return new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                budget,
                priority,
                DEFAULT_TENANT.equals(name) ? null : name,
                numericsFamily,
                patienceSeconds,
                endAtAnswer,
                thinking,
                extraction);
    }

    /** The name of the tenant whose the job is. */
    public String owner() {
        return tenant == null ? DEFAULT_TENANT : tenant;
    }

    /** The grader, under the extraction of the job. */
    public Grader foundBy() {
        return Graders.of(grader, extraction);
    }

    /** How many problems the job has. */
    public int count() {
        return total == null ? problems.size() : total;
    }

    /** The same for a client that calls it by {@code more} labels. */
    public JobSpecification withLabels(Map<String, String> more) {
        return new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                more,
                budget,
                priority,
                tenant,
                numericsFamily,
                patienceSeconds,
                endAtAnswer,
                thinking,
                extraction);
    }

    /** The same with limits on what each problem spends, and a share of the slots. */
    public JobSpecification within(Budget spending, Double share) {
        return new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                spending,
                share,
                tenant,
                numericsFamily,
                patienceSeconds,
                endAtAnswer,
                thinking,
                extraction);
    }

    /** The same for workers of one family of numerics classes; null for any. */
    public JobSpecification computedBy(String family) {
        return new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                budget,
                priority,
                tenant,
                family,
                patienceSeconds,
                endAtAnswer,
                thinking,
                extraction);
    }

    /** The same with particles that end and think so. */
    public JobSpecification withParticles(EndAtAnswer end, Thinking thoughts) {
        return new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                budget,
                priority,
                tenant,
                numericsFamily,
                patienceSeconds,
                end,
                thoughts,
                extraction);
    }

    /** The same with answers found so; null for the first edition of the rules. */
    public JobSpecification withExtraction(Extraction found) {
        return new JobSpecification(
                id,
                problems,
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                total,
                labels,
                budget,
                priority,
                tenant,
                numericsFamily,
                patienceSeconds,
                endAtAnswer,
                thinking,
                found);
    }

    /** The same, its problems stored elsewhere. */
    public JobSpecification withoutProblems() {
        return new JobSpecification(
                id,
                List.of(),
                method,
                policy,
                prm,
                sampling,
                limits,
                stops,
                seed,
                grader,
                count(),
                labels,
                budget,
                priority,
                tenant,
                numericsFamily,
                patienceSeconds,
                endAtAnswer,
                thinking,
                extraction);
    }
}
