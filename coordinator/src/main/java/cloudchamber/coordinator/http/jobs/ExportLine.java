package cloudchamber.coordinator.http.jobs;

import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.method.Expansion;
import cloudchamber.coordinator.method.MethodEvent.RoundClosed;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Thoughts;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of a job's export. The job comes first, then each problem with its steps and populations, round by round,
 * and what it came to. Fields are only ever added.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
sealed interface ExportLine {
    /** The version of these lines. */
    int SCHEMA = 1;

    /** @param specification what was asked for, the problems left out */
    @JsonTypeName("job")
    record OfJob(int schema, String job, String acceptedAt, JobSpecification specification) implements ExportLine {}

    /** @param prompt all the model was asked, the question last */
    @JsonTypeName("problem")
    record OfProblem(
            String job,
            String problem,
            List<Message> prompt,
            @JsonUnwrapped ProblemLine line) implements ExportLine {}

    /**
     * A step a round added, once, however many particles have it.
     *
     * @param seed of the stream its tokens were drawn from
     * @param node in the problem's tree, from 1
     * @param parent the node before it; 0 is the prompt
     * @param logOdds the PRM's, of all up to here; empty where it was not scored
     * @param replacedCharacters of the text, by U+FFFD, as no database holds them; left out where there are none
     * @param thoughts where the text is thought; left out where it is not
     */
    @JsonTypeName("step")
    record OfStep(
            String job,
            String problem,
            int round,
            int chain,
            int iteration,
            int slot,
            Purpose purpose,
            long seed,
            int node,
            int parent,
            int depth,
            String text,
            List<Integer> tokenIds,
            StepEnd end,
            StepLimit limit,
            double logProbability,
            int logProbabilityTokens,
            List<Double> logOdds,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) int replacedCharacters,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Thoughts.Span> thoughts)
            implements ExportLine {}

    /** The particles of one chain when a round closed, and which of them were resampled. */
    @JsonTypeName("population")
    record OfPopulation(
            String job,
            String problem,
            int round,
            @JsonUnwrapped Population population) implements ExportLine {}

    /** What the run found. */
    @JsonTypeName("outcome")
    record OfOutcome(
            String job, String problem, @JsonUnwrapped Outcome outcome) implements ExportLine {}

    /**
     * The last line of an export that could not go on; what comes before it is as it was stored.
     *
     * @param problem whose events could not be read; null if it was something else
     * @param code as in a problem document
     * @param detail expected, then seen
     */
    @JsonTypeName("error")
    record OfError(String job, String problem, String code, String detail) implements ExportLine {}

    /** The lines of a problem that was started, after its first. */
    static List<ExportLine> of(ProblemState.Running recorded) {
        var lines = new ArrayList<ExportLine>();
        if (!recorded.rounds().isEmpty()) {
            var run = recorded.beginning();
            for (var round : recorded.rounds()) {
                lines.addAll(steps(recorded, run, round));
                for (var population : round.populations()) {
                    lines.add(new OfPopulation(job(recorded), problem(recorded), round.round(), population));
                }
                run = run.evolve(round);
            }
        }
        recorded.run()
                .outcome()
                .ifPresent(outcome -> lines.add(new OfOutcome(job(recorded), problem(recorded), outcome)));
        return lines;
    }

    /** @param run before the round; its plan says from which stream each node was drawn */
    private static List<ExportLine> steps(ProblemState.Running recorded, MethodRun run, RoundClosed round) {
        var random = RandomStreams.of(recorded.specification().seed(), problem(recorded));
        var expansions = run.plan().expansions();
        var lines = new ArrayList<ExportLine>();
        for (int index = 0; index < round.nodes().size(); index++) {
            lines.add(step(recorded, round, round.nodes().get(index), expansions.get(index), random));
        }
        return lines;
    }

    private static OfStep step(
            ProblemState.Running recorded, RoundClosed round, Node node, Expansion from, RandomStreams random) {
        var step = node.step();
        return new OfStep(
                job(recorded),
                problem(recorded),
                round.round(),
                from.chain(),
                from.iteration(),
                from.slot(),
                from.purpose(),
                random.seed(from.chain(), from.iteration(), round.round(), from.slot(), from.purpose()),
                node.id(),
                node.parent(),
                node.depth(),
                step.text(),
                step.tokenIds(),
                step.end(),
                step.limit(),
                step.logProbability(),
                step.logProbabilityTokens(),
                node.logOdds(),
                node.replacedCharacters(),
                recorded.run().tree().thoughts(node.id()));
    }

    private static String job(ProblemState.Running recorded) {
        return recorded.specification().job();
    }

    private static String problem(ProblemState.Running recorded) {
        return recorded.specification().problem();
    }
}
