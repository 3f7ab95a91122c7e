package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.journal.ReadModel;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Problems that are over, read from the journal: nobody's memory is filled by asking after them. */
public final class ProblemReads {
    private static final int EVENTS_AT_ONCE = 1000;

    private final ReadModel journal;

    public ProblemReads(ReadModel journal) {
        this.journal = journal;
    }

    /** How a problem ended; empty unless it has. */
    public CompletionStage<Optional<ProblemView>> ended(String job, String problem) {
        return state(Problem.entityId(job, problem), new ProblemState.Unknown(), 0)
                .thenApply(state -> state instanceof ProblemState.Ended ended
                        ? Optional.of(ProblemView.of(ended))
                        : Optional.empty());
    }

    private CompletionStage<ProblemState> state(String entity, ProblemState before, long after) {
        return journal.events(Problem.TYPE.name(), entity, after, EVENTS_AT_ONCE)
                .thenCompose(events -> {
                    var state = before;
                    for (var logged : events) {
                        state = state.evolve((ProblemEvent) logged.event());
                    }
                    return events.size() < EVENTS_AT_ONCE
                            ? CompletableFuture.completedStage(state)
                            : state(entity, state, events.getLast().number());
                });
    }
}
