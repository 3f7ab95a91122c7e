package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.grade.ParticleEnd;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Extent;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.RoundCollector;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Texts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What a problem decides between two writes to its journal: what to ask for, what to make of a result,
 * what to write. Deterministic; time comes in. What it keeps beside the journaled state is lost in a crash
 * and drawn again, the same.
 */
public final class ProblemMachine {
    private static final int MAX_INVALID_RESULTS = 3;
    private static final long MILLIS_A_SECOND = 1000;

    /** What is to be done. */
    public sealed interface Reaction {

        /** Nothing. */
        record Nothing() implements Reaction {}

        /** Ask the dispatcher for this work. */
        record Ask(List<Work> works) implements Reaction {
            public Ask {
                works = List.copyOf(works);
            }
        }

        /** Wait a while, then ask for {@link ProblemMachine#needed}. */
        record AskLater() implements Reaction {}

        /** Write these in one piece; once they are durable, go on from the state they lead to. */
        record Write(List<ProblemEvent> events) implements Reaction {
            public Write {
                events = List.copyOf(events);
            }
        }
    }

    private static final Reaction NOTHING = new Reaction.Nothing();

    private final Map<StepKey, Integer> invalidResults = new HashMap<>();
    private final Set<String> numericsClasses = new TreeSet<>();
    private RoundCollector collector;
    private RandomStreams random;
    private Cost wasted = Cost.NONE;
    private Cost uncommitted = Cost.NONE;
    private Cost slots = Cost.NONE;
    private Cost unconfirmed = Cost.NONE;

    /** A problem that cannot be run ends as soon as it starts. */
    public Reaction.Write start(ProblemSpecification specification, long nowMillis) {
        var started = new ProblemEvent.Started(ProblemEvent.SCHEMA, specification, nowMillis);
        return ProblemState.refusal(specification)
                .map(reason -> end(List.of(started), new ImpossibleRun(), 0, ProblemStatus.FAILED, reason, nowMillis))
                .orElseGet(() -> new Reaction.Write(List.of(started)));
    }

    /** Ends a problem that runs. */
    public Reaction.Write end(ProblemState.Running running, ProblemStatus status, String failure, long nowMillis) {
        return end(List.of(), running.run(), running.rounds().size(), status, failure, nowMillis);
    }

    /**
     * @param run as it stands after the events before
     * @param rounds how many are closed then
     */
    private Reaction.Write end(
            List<ProblemEvent> before,
            MethodRun run,
            int rounds,
            ProblemStatus status,
            String failure,
            long nowMillis) {
        var lost = wasted.plus(uncommitted);
        var summary = new ProblemEvent.Summary(
                run.outcome().map(Outcome::answer).map(Texts::storable).orElse(null),
                run.outcome().map(Outcome::logEvidence).orElse(null),
                rounds,
                run.cost().plus(lost));
        var events = new ArrayList<>(before);
        events.add(
                new ProblemEvent.Ended(ProblemEvent.SCHEMA, status, Texts.storable(failure), lost, nowMillis, summary));
        return new Reaction.Write(events);
    }

    /** What was to be written is durable. */
    public void written() {
        unconfirmed = Cost.NONE;
    }

    /** What was to be written is not, and is done again: what it cost is wasted. */
    public void notWritten() {
        wasted = wasted.plus(unconfirmed);
        unconfirmed = Cost.NONE;
    }

    /** The work of the round that {@code running} stands before. */
    public List<Work> openRound(ProblemState.Running running) {
        var specification = running.specification();
        var grader = specification.foundBy();
        wasted = wasted.plus(uncommitted);
        uncommitted = Cost.NONE;
        slots = Cost.NONE;
        random = RandomStreams.of(specification.seed(), specification.problem());
        collector = RoundCollector.open(
                specification.job(),
                specification.problem(),
                running.run().plan(),
                running.run().tree(),
                specification.limits(),
                ParticleEnd.of(specification.ends(), grader),
                specification.thoughts());
        invalidResults.clear();
        numericsClasses.clear();
        return works(specification, collector.stepsNeeded());
    }

    /** What the open round still lacks and could have. */
    public List<Work> needed(ProblemState.Running running) {
        var works = new ArrayList<>(works(running.specification(), collector.stepsNeeded()));
        works.addAll(works(running.specification(), collector.scoresNeeded()));
        return works;
    }

    /** Takes one result: a first, a repeat, a late or a strange one. */
    public Reaction onResult(ProblemState.Running running, WorkResult result, long nowMillis) {
        return switch (result) {
            case WorkResult.Extended(var key, var step, var usage, var numericsClass, var slotMillis) ->
                onReception(
                        running,
                        collector.accept(key, step, usage),
                        key,
                        Cost.ofPolicySlot(slotMillis),
                        Cost.ofWaste(usage, slotMillis),
                        numericsClass,
                        nowMillis);
            case WorkResult.Scored(var key, var logOdds, var usage, var numericsClass, var slotMillis) ->
                onReception(
                        running,
                        collector.accept(key, logOdds, usage),
                        key,
                        Cost.ofPrmSlot(slotMillis),
                        Cost.ofWaste(usage, slotMillis),
                        numericsClass,
                        nowMillis);
            case WorkResult.Failed(var key, var refusal, var attempts) ->
                onFailed(running, key, refusal, attempts, nowMillis);
            case WorkResult.Wasted(var key, var usage, var slotMillis) -> {
                wasted = wasted.plus(Cost.ofWaste(usage, slotMillis));
                yield NOTHING;
            }
        };
    }

    /** Work that was never tried, as the dispatcher is full, is asked for again: the problem was accepted. */
    private Reaction onFailed(
            ProblemState.Running running, StepKey key, Refusal refusal, int attempts, long nowMillis) {
        if (key.round() != running.run().plan().round()) {
            return NOTHING;
        }
        if (attempts == 0 && refusal.category() == Refusal.Category.OVERLOADED) {
            return new Reaction.AskLater();
        }
        if (refusal.category() == Refusal.Category.CONTEXT_OVERFLOW) {
            return switch (collector.acceptFullContext(key)) {
                case RoundCollector.Reception.Taken taken ->
                    collector
                            .completed()
                            .<Reaction>map(round -> close(running, round, nowMillis))
                            .orElse(NOTHING);
                case RoundCollector.Reception.Ignored ignored -> NOTHING;
                case RoundCollector.Reception.Refused(var why) ->
                    end(
                            running,
                            ProblemStatus.FAILED,
                            failure(key, refusal, attempts) + "; " + why.detail(),
                            nowMillis);
            };
        }
        return end(running, ProblemStatus.FAILED, failure(key, refusal, attempts), nowMillis);
    }

    /**
     * @param slot the time it held its slot, if it is used
     * @param waste what it cost, if it is not
     */
    private Reaction onReception(
            ProblemState.Running running,
            RoundCollector.Reception reception,
            StepKey key,
            Cost slot,
            Cost waste,
            String numericsClass,
            long nowMillis) {
        return switch (reception) {
            case RoundCollector.Reception.Taken(var scoresNeeded) -> {
                if (numericsClass != null) {
                    numericsClasses.add(numericsClass);
                }
                uncommitted = uncommitted.plus(waste);
                slots = slots.plus(slot);
                yield collector
                        .completed()
                        .<Reaction>map(round -> close(running, round, nowMillis))
                        .orElseGet(() -> ask(running, scoresNeeded));
            }
            case RoundCollector.Reception.Ignored() -> {
                wasted = wasted.plus(waste);
                yield NOTHING;
            }
            case RoundCollector.Reception.Refused(var refusal) -> {
                wasted = wasted.plus(waste);
                yield invalidResults.merge(key, 1, Integer::sum) >= MAX_INVALID_RESULTS
                        ? end(running, ProblemStatus.FAILED, failure(key, refusal, MAX_INVALID_RESULTS), nowMillis)
                        : ask(running, List.of(key));
            }
        };
    }

    /** Closes the open round: asks the method, and keeps what it says in one write. */
    private Reaction.Write close(ProblemState.Running running, CompletedRound round, long nowMillis) {
        var happened = running.run().decide(round.plus(wasted).plus(slots), random);
        unconfirmed = wasted.plus(uncommitted);
        wasted = Cost.NONE;
        uncommitted = Cost.NONE;
        slots = Cost.NONE;
        return conclude(running, withinTokens(running, happened, random), nowMillis);
    }

    /** What happened, and the end of the run if its tokens are spent by it. */
    private static List<MethodEvent> withinTokens(
            ProblemState.Running running, List<MethodEvent> happened, RandomStreams random) {
        var budget = running.specification().budget();
        if (budget == null || budget.tokens() == null) {
            return happened;
        }
        var run = after(running, happened);
        long spent = run.cost().completionTokens();
        if (run.plan().isEmpty() || spent < budget.tokens()) {
            return happened;
        }
        var all = new ArrayList<>(happened);
        all.addAll(run.stop(
                MethodEvent.RunStopped.Reason.TOKEN_BUDGET,
                "at most " + budget.tokens() + " tokens were to be generated: " + spent + " were",
                random));
        return all;
    }

    /** Ends a problem whose time is over with what it has. */
    Reaction deadline(ProblemState.Running running, long nowMillis) {
        var specification = running.specification();
        var happened = running.run()
                .stop(
                        MethodEvent.RunStopped.Reason.DEADLINE,
                        "at most " + specification.budget().seconds() + " seconds were to be taken: they are over",
                        RandomStreams.of(specification.seed(), specification.problem()));
        return happened.isEmpty() ? NOTHING : conclude(running, happened, nowMillis);
    }

    /** When the time of a problem is over, in milliseconds since 1970. */
    static long endsAtMillis(ProblemState.Running running, double seconds) {
        return running.startedAtMillis() + Math.round(seconds * MILLIS_A_SECOND);
    }

    private static MethodRun after(ProblemState.Running running, List<MethodEvent> happened) {
        var run = running.run();
        for (var event : happened) {
            run = run.evolve(event);
        }
        return run;
    }

    /** Keeps what happened in one write, with the problem's end if it is one. */
    private Reaction.Write conclude(ProblemState.Running running, List<MethodEvent> happened, long nowMillis) {
        var events = happened.stream()
                .<ProblemEvent>map(event ->
                        new ProblemEvent.Advanced(ProblemEvent.SCHEMA, event, nowMillis, List.copyOf(numericsClasses)))
                .toList();
        var run = after(running, happened);
        int rounds = running.rounds().size()
                + (int) happened.stream()
                        .filter(MethodEvent.RoundClosed.class::isInstance)
                        .count();
        if (run.failure().isPresent()) {
            return end(
                    events,
                    run,
                    rounds,
                    ProblemStatus.FAILED,
                    run.failure().get().detail(),
                    nowMillis);
        }
        if (run.outcome().isPresent()) {
            return end(events, run, rounds, ProblemStatus.SUCCEEDED, "", nowMillis);
        }
        return new Reaction.Write(events);
    }

    private static String failure(StepKey key, Refusal refusal, int attempts) {
        return "[" + key + "] failed after " + attempts + " attempts: " + refusal.category() + ": " + refusal.detail();
    }

    // ---- work

    private Reaction ask(ProblemState.Running running, List<StepKey> keys) {
        return keys.isEmpty() ? NOTHING : new Reaction.Ask(works(running.specification(), keys));
    }

    private List<Work> works(ProblemSpecification specification, List<StepKey> keys) {
        return keys.stream().map(key -> work(specification, key)).toList();
    }

    private Work work(ProblemSpecification specification, StepKey key) {
        var expansion = collector.expansion(key);
        var node = new NodeReference(key.job(), key.problem(), collector.node(key));
        var parent = new NodeReference(key.job(), key.problem(), expansion.parent());
        if (key.purpose() == Purpose.SCORE) {
            // A PRM has tokens of its own.
            var read = repeated(collector.prefix(key), step -> new PrefixStep(step.text(), List.of()));
            return new Work.Scoring(
                    key,
                    specification.prm(),
                    specification.prompt().withTemplateArguments(null),
                    node,
                    parent,
                    read,
                    specification.numericsFamily());
        }
        var prefix = repeated(collector.prefix(key), step -> new PrefixStep(step.text(), step.tokenIds()));
        return new Work.Extension(
                key,
                specification.policy(),
                specification.prompt(),
                node,
                parent,
                prefix,
                expansion.sampling(),
                random.seed(key.chain(), key.iteration(), key.round(), key.slot(), key.purpose()),
                expansion.extent() == Extent.STEP ? specification.stops() : List.of(),
                collector.maxTokens(key),
                collector.tokensLeft(key),
                collector.thinkingTokensLeft(key).orElse(null),
                specification.numericsFamily());
    }

    private static List<PrefixStep> repeated(List<Step> steps, Function<Step, PrefixStep> how) {
        var repeated = new PrefixStep[steps.size()];
        for (int depth = 0; depth < repeated.length; depth++) {
            repeated[depth] = how.apply(steps.get(depth));
        }
        return List.of(repeated);
    }
}
