package cloudchamber.coordinator.journal;

import java.util.List;
import java.util.Optional;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/** Snapshots, beside the journal and written by the same writer. */
public final class SqlSnapshotStore extends SnapshotStore {
    private final Storage storage = Storage.get(context().system());
    private final Serialization serialization =
            SerializationExtension.get(context().system());

    @Override
    public Future<Optional<SelectedSnapshot>> doLoadAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return FutureConverters.asScala(storage.read(connection -> {
            try (var statement = connection.prepareStatement("""
                    select sequence_number, written_at, serializer_id, manifest, payload, checksum from snapshot
                      where persistence_id = ? and sequence_number between ? and ? and written_at between ? and ?
                      order by sequence_number desc limit 1""")) {
                statement.setString(1, persistenceId);
                statement.setLong(2, criteria.minSequenceNr());
                statement.setLong(3, criteria.maxSequenceNr());
                statement.setLong(4, criteria.minTimestamp());
                statement.setLong(5, criteria.maxTimestamp());
                var row = statement.executeQuery();
                if (!row.next()) {
                    return Optional.empty();
                }
                var metadata = new SnapshotMetadata(persistenceId, row.getLong(1), row.getLong(2));
                var stored = new Stored(row.getInt(3), row.getString(4), row.getBytes(5), row.getLong(6));
                return Optional.of(
                        SelectedSnapshot.create(metadata, stored.read(serialization, "snapshot of " + persistenceId)));
            }
        }));
    }

    @Override
    public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
        var stored = Stored.of(snapshot, serialization);
        return FutureConverters.asScala(storage.writer()
                .write(List.of(Statement.SAVE_SNAPSHOT.with(
                        metadata.persistenceId(),
                        metadata.sequenceNr(),
                        metadata.timestamp(),
                        stored.serializerId(),
                        stored.manifest(),
                        stored.payload(),
                        stored.checksum()))));
    }

    /** A time of 0 stands for any, for the store is not always told when a snapshot was made. */
    @Override
    public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
        long from = metadata.timestamp() == 0 ? Long.MIN_VALUE : metadata.timestamp();
        long to = metadata.timestamp() == 0 ? Long.MAX_VALUE : metadata.timestamp();
        return delete(metadata.persistenceId(), metadata.sequenceNr(), metadata.sequenceNr(), from, to);
    }

    @Override
    public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return delete(
                persistenceId,
                criteria.minSequenceNr(),
                criteria.maxSequenceNr(),
                criteria.minTimestamp(),
                criteria.maxTimestamp());
    }

    private Future<Void> delete(
            String persistenceId, long minSequenceNr, long maxSequenceNr, long minMillis, long maxMillis) {
        return FutureConverters.asScala(storage.writer()
                .write(List.of(Statement.DELETE_SNAPSHOTS.with(
                        persistenceId, minSequenceNr, maxSequenceNr, minMillis, maxMillis))));
    }
}
