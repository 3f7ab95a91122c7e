package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.journal.JournalEvent;

/** What happened to the data sets. */
public sealed interface DataSetEvent extends JournalEvent {

    /** The version written now. */
    int SCHEMA = 1;

    /** A data set was registered whole; one of the same name gave way. */
    record Registered(int schema, DataSet dataSet, long atMillis) implements DataSetEvent {}
}
