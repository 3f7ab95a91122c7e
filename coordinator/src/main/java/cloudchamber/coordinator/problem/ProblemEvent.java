package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;

/** What happened to a problem. */
public sealed interface ProblemEvent extends JournalEvent {

    /** The version written now. */
    int SCHEMA = 1;

    record Started(int schema, ProblemSpecification specification, long atMillis) implements ProblemEvent {}

    /** A round closed, or the method found that it cannot go on. */
    record Advanced(int schema, MethodEvent event, long atMillis) implements ProblemEvent {}

    /**
     * The problem reached its terminal state.
     *
     * @param failure one sentence; empty unless the problem failed
     * @param wasted what was spent and belongs to no closed round
     */
    record Ended(int schema, ProblemStatus status, String failure, Cost wasted, long atMillis)
            implements ProblemEvent {}
}
