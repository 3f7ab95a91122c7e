package cloudchamber.coordinator.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

/**
 * The journal: events of all entities in one table, written in groups.
 *
 * <p>An append that the primary key refuses fails, and with it the entity that asked: another writes in its
 * name, so it must read what that one wrote.
 */
public final class GroupCommitJournal extends AsyncWriteJournal {
    private static final int ROWS_AT_ONCE = 256;

    private final Storage storage = Storage.get(context().system());
    private final Serialization serialization =
            SerializationExtension.get(context().system());

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> writes) {
        var outcomes = new ArrayList<Optional<Exception>>();
        var rows = new ArrayList<Statement.Write>();
        try {
            for (var write : writes) {
                CollectionConverters.asJava(write.payload()).forEach(event -> {
                    rows.add(row(event));
                    rows.addAll(Changes.of(event.persistenceId(), event.payload()));
                });
                outcomes.add(Optional.empty());
            }
        } catch (StorageException unwritable) {
            // All are of one entity. It reads what was kept and decides; a rejected write would stop it for good.
            return scala(CompletableFuture.failedFuture(unwritable));
        }
        return scala(storage.writer().write(rows).thenApply(done -> outcomes));
    }

    private Statement.Write row(PersistentRepr event) {
        var stored = Stored.of(event.payload(), serialization);
        return Statement.APPEND.with(
                event.persistenceId(),
                event.sequenceNr(),
                System.currentTimeMillis(),
                event.writerUuid(),
                event.manifest(),
                stored.serializerId(),
                stored.manifest(),
                stored.payload(),
                stored.checksum());
    }

    @Override
    public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        return scala(storage.writer()
                .write(List.of(
                        Statement.MARK_DELETED.with(persistenceId, toSequenceNr),
                        Statement.DELETE_EVENTS.with(persistenceId, toSequenceNr))));
    }

    @Override
    public Future<Void> doAsyncReplayMessages(
            String persistenceId, long fromSequenceNr, long toSequenceNr, long max, Consumer<PersistentRepr> replay) {
        return scala(storage.read(connection -> {
            try (var statement = connection.prepareStatement("""
                    select sequence_number, written_at, writer, event_manifest, serializer_id, manifest, payload, checksum
                      from journal where persistence_id = ? and sequence_number between ? and ?
                      order by sequence_number limit ?""")) {
                statement.setFetchSize(ROWS_AT_ONCE);
                statement.setString(1, persistenceId);
                statement.setLong(2, fromSequenceNr);
                statement.setLong(3, toSequenceNr);
                statement.setLong(4, max);
                var rows = statement.executeQuery();
                while (rows.next()) {
                    long sequenceNumber = rows.getLong(1);
                    var stored = new Stored(rows.getInt(5), rows.getString(6), rows.getBytes(7), rows.getLong(8));
                    replay.accept(PersistentRepr.apply(
                                    stored.read(serialization, persistenceId + " " + sequenceNumber),
                                    sequenceNumber,
                                    persistenceId,
                                    rows.getString(4),
                                    false,
                                    ActorRef.noSender(),
                                    rows.getString(3))
                            .withTimestamp(rows.getLong(2)));
                }
                return null;
            }
        }));
    }

    /** Waits for the writes before it, which an entity that was just stopped may have left. */
    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        return scala(storage.writer()
                .write(List.of())
                .thenCompose(done -> storage.read(connection -> {
                    try (var statement = connection.prepareStatement("""
                    select coalesce(max(number), 0) from (
                      select max(sequence_number) as number from journal where persistence_id = ?
                      union all select deleted_to from journal_deletion where persistence_id = ?) numbers""")) {
                        statement.setString(1, persistenceId);
                        statement.setString(2, persistenceId);
                        var row = statement.executeQuery();
                        row.next();
                        return row.getLong(1);
                    }
                })));
    }

    private static <T> Future<T> scala(CompletionStage<T> stage) {
        return FutureConverters.asScala(stage);
    }
}
