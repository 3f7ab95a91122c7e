package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.journal.JournalEvent;

/** What happened to a sweep. */
public sealed interface SweepEvent extends JournalEvent {

    /** The version written now. */
    int SCHEMA = 1;

    /** It was accepted, or accepted again with another grid, which takes the place of the one before. */
    record Accepted(int schema, SweepSpecification specification, long atMillis) implements SweepEvent {}

    /** No further job is to start. */
    record Paused(int schema, long atMillis) implements SweepEvent {}

    record Resumed(int schema, long atMillis) implements SweepEvent {}

    record Cancelled(int schema, long atMillis) implements SweepEvent {}

    /** Every job was over. Retrying failed problems starts it again. */
    record Ended(int schema, long atMillis) implements SweepEvent {}
}
