package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodEvent.RunStopped.Reason;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.wire.WireMessage;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.stream.Stream;

/**
 * A problem as people see it; the object of {@code solve --json} and of the HTTP API.
 *
 * @param answer null until there is one
 * @param posterior the weight of each answer, heaviest first; they add up to 1; empty until the end
 * @param logEvidence log Ẑ in nats; null where it is not defined or not yet known
 * @param noEvidence why {@code logEvidence} is null; null where it is not
 * @param failure why it failed; null unless it did
 * @param stopped why the run ended before its last round; left out if it did not
 * @param numericsClasses of the workers that served it, by their ids; more than one: bits of several kinds
 */
public record ProblemView(
        String id,
        ProblemStatus status,
        String question,
        String answer,
        List<PosteriorWeight> posterior,
        Double logEvidence,
        String noEvidence,
        List<Round> rounds,
        List<Particle> particles,
        CostView cost,
        String failure,
        @JsonInclude(JsonInclude.Include.NON_NULL) Reason stopped,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> numericsClasses)
        implements WireMessage {
    public ProblemView {
        numericsClasses = numericsClasses == null ? List.of() : List.copyOf(numericsClasses);
    }

    /** @param answer null for the particles without one */
    public record PosteriorWeight(String answer, double weight) {}

    /**
     * One chain in one round.
     *
     * @param ess the effective sample size before any resampling
     * @param logEvidence log Ẑ up to here; null where it is not defined
     * @param ancestors for each particle after the round its index before
     */
    public record Round(
            int round,
            int chain,
            int iteration,
            double ess,
            boolean resampled,
            Double logEvidence,
            List<Integer> ancestors) {}

    /** @param weight normalised; null until the end */
    public record Particle(Double weight, String answer, List<StepView> steps) {}

    /**
     * @param logOdds the PRM's, of the prefix that ends here; null where it was not scored
     * @param thoughts where the text is thought
     */
    public record StepView(
            String text,
            Double logOdds,
            StepEnd end,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Thoughts.Span> thoughts) {
        public StepView {
            thoughts = thoughts == null ? List.of() : List.copyOf(thoughts);
        }

        /** One without thoughts. */
        public StepView(String text, Double logOdds, StepEnd end) {
            this(text, logOdds, end, List.of());
        }
    }

    /** @param wallMillis from the start to the end, or to now */
    public record CostView(
            long policyCalls,
            long prmCalls,
            long promptTokens,
            long cachedTokens,
            long completionTokens,
            long prmTokens,
            long wastedTokens,
            long wallMillis,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) long policySlotMillis,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) long prmSlotMillis,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) long wastedSlotMillis) {

        /** Without the time in slots. */
        public CostView(
                long policyCalls,
                long prmCalls,
                long promptTokens,
                long cachedTokens,
                long completionTokens,
                long prmTokens,
                long wastedTokens,
                long wallMillis) {
            this(
                    policyCalls,
                    prmCalls,
                    promptTokens,
                    cachedTokens,
                    completionTokens,
                    prmTokens,
                    wastedTokens,
                    wallMillis,
                    0,
                    0,
                    0);
        }
    }

    /**
     * The view of a problem that has not started.
     *
     * @param status QUEUED, or CANCELLED if it never will
     */
    public static ProblemView notStarted(String id, String question, ProblemStatus status) {
        return new ProblemView(
                id,
                status,
                question,
                null,
                List.of(),
                null,
                "the run has not started",
                List.of(),
                List.of(),
                cost(Cost.NONE, 0),
                null,
                null,
                List.of());
    }

    /** The view of a problem that runs or has ended. */
    static ProblemView of(ProblemState.Running running, long nowMillis) {
        return of(running, ProblemStatus.RUNNING, null, Cost.NONE, nowMillis);
    }

    static ProblemView of(ProblemState.Ended ended) {
        return of(
                ended.last(),
                ended.status(),
                ended.failure().isEmpty() ? null : ended.failure(),
                ended.wasted(),
                ended.endedAtMillis());
    }

    private static ProblemView of(
            ProblemState.Running running, ProblemStatus status, String failure, Cost wasted, long untilMillis) {
        var run = running.run();
        var outcome = run.outcome();
        var rounds = running.rounds().stream().flatMap(ProblemView::rounds).toList();
        return new ProblemView(
                running.specification().problem(),
                status,
                running.specification().prompt().lastQuestion(),
                outcome.map(Outcome::answer).orElse(null),
                outcome.map(Outcome::posterior).orElse(List.of()).stream()
                        .map(weight -> new PosteriorWeight(weight.answer(), weight.weight()))
                        .toList(),
                outcome.map(Outcome::logEvidence).orElse(null),
                outcome.isPresent() ? outcome.get().noEvidence() : noEvidence(status),
                rounds,
                outcome.map(found -> finalParticles(running, found)).orElseGet(() -> openParticles(running)),
                cost(run.cost().plus(wasted), untilMillis - running.startedAtMillis()),
                failure,
                outcome.map(Outcome::stopped).orElse(null),
                running.numericsClasses());
    }

    private static String noEvidence(ProblemStatus status) {
        return switch (status) {
            case QUEUED, RUNNING -> "the run has not ended";
            case SUCCEEDED, FAILED -> "the run failed";
            case CANCELLED -> "the run was cancelled";
        };
    }

    private static Stream<Round> rounds(MethodEvent.RoundClosed closed) {
        return closed.populations().stream()
                .map(population -> new Round(
                        closed.round(),
                        population.chain(),
                        population.iteration(),
                        population.ess(),
                        population.resampled(),
                        population.logEvidence(),
                        population.ancestors()));
    }

    private static List<Particle> finalParticles(ProblemState.Running running, Outcome outcome) {
        return outcome.particles().stream()
                .map(particle -> new Particle(particle.weight(), particle.answer(), steps(running, particle.node())))
                .toList();
    }

    private static List<Particle> openParticles(ProblemState.Running running) {
        return running.rounds().isEmpty()
                ? List.of()
                : running.rounds().getLast().populations().stream()
                        .flatMap(population -> population.children().stream())
                        .map(node -> new Particle(null, null, steps(running, node)))
                        .toList();
    }

    private static List<StepView> steps(ProblemState.Running running, int node) {
        return running.run().tree().lineage(node).stream()
                .map(at -> new StepView(
                        at.step().text(),
                        at.logOdds().isEmpty() ? null : at.logOdds().getLast(),
                        at.step().end(),
                        running.run().tree().thoughts(at.id())))
                .toList();
    }

    private static CostView cost(Cost cost, long wallMillis) {
        return new CostView(
                cost.policyCalls(),
                cost.prmCalls(),
                cost.promptTokens(),
                cost.cachedTokens(),
                cost.completionTokens(),
                cost.prmTokens(),
                cost.wastedTokens(),
                wallMillis,
                cost.policySlotMillis(),
                cost.prmSlotMillis(),
                cost.wastedSlotMillis());
    }
}
