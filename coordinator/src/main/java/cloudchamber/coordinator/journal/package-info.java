/**
 * What is kept, and the only place that knows SQL: the journal, the snapshots and the read model, in one
 * database. Each owner defines its own events and marks them.
 *
 * <pre>
 *   entity --events--> GroupCommitJournal --+
 *   entity --snapshot-> SqlSnapshotStore ---+--> GroupCommit (one writer) --one transaction--> SQLite, PostgreSQL
 *   http, job -------------------------------&gt; ReadModel, KeyStore (several readers) &lt;-----------+
 * </pre>
 *
 * <p>An event is acknowledged when the transaction that holds it is on the disk. Whatever waits then shares the
 * next one, so that a busy journal commits a hundred events for the price of one. SQLite lies in the data
 * directory, which a lock keeps to one process; PostgreSQL is shared by coordinators, where the primary key
 * (persistence id, sequence number) refuses the second of two writers.
 *
 * <p>May use: {@code coordinator.membership}, {@code protocol.model}, {@code protocol.serial}.
 */
package cloudchamber.coordinator.journal;
