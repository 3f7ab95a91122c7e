package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.method.RoundPlan;
import cloudchamber.protocol.model.RandomStreams;
import java.util.List;
import java.util.Optional;

/** The run of a problem whose settings no method can carry out: it needs nothing and finds nothing. */
record ImpossibleRun() implements MethodRun {
    @Override
    public RoundPlan plan() {
        return new RoundPlan(0, List.of(), false);
    }

    @Override
    public List<MethodEvent> decide(CompletedRound round, RandomStreams random) {
        return List.of();
    }

    @Override
    public List<MethodEvent> stop(MethodEvent.RunStopped.Reason reason, String detail, RandomStreams random) {
        return List.of();
    }

    @Override
    public MethodRun evolve(MethodEvent event) {
        return this;
    }

    @Override
    public PrefixTree tree() {
        return PrefixTree.EMPTY;
    }

    @Override
    public Cost cost() {
        return Cost.NONE;
    }

    @Override
    public Optional<Outcome> outcome() {
        return Optional.empty();
    }

    @Override
    public Optional<MethodEvent.RunFailed> failure() {
        return Optional.empty();
    }
}
