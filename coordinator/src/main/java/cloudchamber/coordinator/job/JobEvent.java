package cloudchamber.coordinator.job;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.problem.ProblemStatus;

/** What happened to a job. */
public sealed interface JobEvent extends JournalEvent {

    /** The version written now. */
    int SCHEMA = 1;

    record Accepted(int schema, JobSpecification specification, long atMillis) implements JobEvent {}

    record ProblemEnded(int schema, String problem, ProblemStatus status, long atMillis) implements JobEvent {}

    record Cancelled(int schema, long atMillis) implements JobEvent {}
}
