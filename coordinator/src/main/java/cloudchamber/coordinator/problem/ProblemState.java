package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.method.catalog.Replay;
import cloudchamber.protocol.model.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A problem as its events tell it. */
public sealed interface ProblemState {

    /** Total: an event that does not fit changes nothing. */
    ProblemState evolve(ProblemEvent event);

    /** Before it was started. */
    record Unknown() implements ProblemState {
        @Override
        public ProblemState evolve(ProblemEvent event) {
            return switch (event) {
                case ProblemEvent.Started(var schema, var specification, var atMillis) ->
                    new Running(
                            specification,
                            atMillis,
                            refusal(specification).isPresent() ? new ImpossibleRun() : start(specification),
                            List.of(),
                            List.of());
                case ProblemEvent.Advanced advanced -> this;
                case ProblemEvent.Ended ended -> this;
            };
        }
    }

    /**
     * Started and not ended.
     *
     * @param numericsClasses of the workers that served it so far, by their ids, each once
     */
    record Running(
            ProblemSpecification specification,
            long startedAtMillis,
            MethodRun run,
            List<MethodEvent.RoundClosed> rounds,
            List<String> numericsClasses)
            implements ProblemState {
        @Override
        public ProblemState evolve(ProblemEvent event) {
            return switch (event) {
                case ProblemEvent.Started started -> this;
                case ProblemEvent.Advanced(var schema, var happened, var atMillis, var classes) ->
                    new Running(
                            specification,
                            startedAtMillis,
                            run.evolve(happened),
                            plus(happened),
                            Stream.concat(numericsClasses.stream(), classes.stream())
                                    .distinct()
                                    .sorted()
                                    .toList());
                case ProblemEvent.Ended(var schema, var status, var failure, var wasted, var atMillis, var summary) ->
                    new Ended(this, status, failure, wasted, atMillis);
            };
        }

        private List<MethodEvent.RoundClosed> plus(MethodEvent event) {
            return switch (event) {
                case MethodEvent.RoundClosed closed -> {
                    var more = new ArrayList<>(rounds);
                    more.add(closed);
                    yield List.copyOf(more);
                }
                case MethodEvent.RunFailed failed -> rounds;
                case MethodEvent.RunStopped stopped -> rounds;
            };
        }

        /** The run as it began; {@link #rounds} lead from there to {@link #run}. */
        public MethodRun beginning() {
            return start(specification);
        }

        /** This run answered under another law, from its rounds alone. */
        public Replay replay(Replay.Law law) {
            return Replay.of(
                    specification.method(),
                    specification.sampling(),
                    specification.limits(),
                    specification.answers(),
                    List.copyOf(rounds),
                    law,
                    RandomStreams.of(specification.seed(), specification.problem()));
        }
    }

    /** At its terminal state. */
    record Ended(Running last, ProblemStatus status, String failure, Cost wasted, long endedAtMillis)
            implements ProblemState {
        @Override
        public ProblemState evolve(ProblemEvent event) {
            return event instanceof ProblemEvent.Started started && isFollowedBy(started.specification())
                    ? new Unknown().evolve(started)
                    : this;
        }

        /** Whether a start is another attempt at what failed. */
        boolean isFollowedBy(ProblemSpecification another) {
            return status == ProblemStatus.FAILED
                    && another.attemptNumber() > last.specification().attemptNumber();
        }
    }

    /** Why a problem cannot be run at all, in one sentence; empty if it can. */
    static Optional<String> refusal(ProblemSpecification specification) {
        try {
            start(specification);
            return Optional.empty();
        } catch (IllegalArgumentException impossible) {
            return Optional.of(impossible.getMessage());
        }
    }

    private static MethodRun start(ProblemSpecification specification) {
        return Methods.start(
                specification.method(), specification.sampling(), specification.limits(), specification.answers());
    }
}
