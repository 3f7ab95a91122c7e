package cloudchamber.coordinator.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The one writer: whatever waits is written in one transaction, for a commit costs as much for one write as
 * for a hundred.
 *
 * <p>[1] A group that fails is done again one by one, so that a write that is refused takes no other with it.
 * If the commit itself failed its outcome may be unknown; a second append of what was written is refused by
 * the primary key, and who wrote it reads the journal again.
 */
final class GroupCommit implements AutoCloseable {

    /** Work that needs a transaction of its own. */
    interface Transaction<T> {
        T in(Connection connection) throws SQLException;
    }

    private sealed interface Task {
        CompletableFuture<?> done();
    }

    private record Writes(List<Statement.Write> writes, CompletableFuture<Void> done) implements Task {}

    private record Alone<T>(Transaction<T> transaction, CompletableFuture<T> done) implements Task {
        void runIn(Connection connection) throws SQLException {
            T result = transaction.in(connection);
            connection.commit();
            done.complete(result);
        }
    }

    private static final long STOP_MILLIS = 10_000;

    private final Availability database;
    private final int maxGroup;
    private final BlockingQueue<Task> waiting;
    private final Thread thread;
    private volatile boolean closed;

    GroupCommit(Availability database, int maxWaiting, int maxGroup) {
        this.database = database;
        this.maxGroup = maxGroup;
        this.waiting = new ArrayBlockingQueue<>(maxWaiting);
        this.thread = Thread.ofPlatform().name("journal-writer").start(this::run);
    }

    /** Done when the writes are on the disk, all of them or none. Writes given in order are done in order. */
    CompletionStage<Void> write(List<Statement.Write> writes) {
        return submit(new Writes(List.copyOf(writes), new CompletableFuture<>()))
                .minimalCompletionStage();
    }

    /** Done when {@code transaction} is committed. */
    <T> CompletionStage<T> alone(Transaction<T> transaction) {
        return submit(new Alone<>(transaction, new CompletableFuture<>())).minimalCompletionStage();
    }

    private CompletableFuture<Void> submit(Writes writes) {
        offer(writes);
        return writes.done();
    }

    private <T> CompletableFuture<T> submit(Alone<T> alone) {
        offer(alone);
        return alone.done();
    }

    private void offer(Task task) {
        if (closed) {
            task.done().completeExceptionally(new StorageException("the journal must be open: it was closed"));
        } else if (!waiting.offer(task)) {
            task.done()
                    .completeExceptionally(new StorageException.Overloaded(
                            "at most " + waiting.size() + " writes may wait: as many do"));
        }
    }

    private void run() {
        var group = new ArrayList<Task>();
        try {
            while (!closed || !waiting.isEmpty()) {
                group.add(waiting.take());
                waiting.drainTo(group, maxGroup - 1);
                carryOut(group);
                group.clear();
            }
        } catch (InterruptedException stopped) {
            waiting.drainTo(group);
            group.forEach(task ->
                    task.done().completeExceptionally(new StorageException("the journal must be open: it was closed")));
        }
    }

    /** Neighbours that are plain writes go together. */
    private void carryOut(List<Task> group) {
        var together = new ArrayList<Writes>();
        for (var task : group) {
            switch (task) {
                case Writes writes -> together.add(writes);
                case Alone<?> alone -> {
                    commit(together);
                    together.clear();
                    carryOut(alone);
                }
            }
        }
        commit(together);
    }

    private void carryOut(Alone<?> alone) {
        try (var connection = database.connection()) {
            try {
                alone.runIn(connection);
            } catch (SQLException | RuntimeException failed) {
                connection.rollback();
                throw failed;
            }
        } catch (SQLException | RuntimeException failed) {
            alone.done().completeExceptionally(failed);
        }
    }

    private void commit(List<Writes> group) {
        if (group.stream().allMatch(writes -> writes.writes().isEmpty())) {
            group.forEach(writes -> writes.done().complete(null));
            return;
        }
        try (var connection = database.connection()) {
            commit(connection, group);
        } catch (SQLException | StorageException unreachable) {
            group.forEach(writes -> writes.done().completeExceptionally(unreachable));
        }
    }

    private void commit(Connection connection, List<Writes> group) {
        try {
            carryOutTogether(connection, group);
            group.forEach(writes -> writes.done().complete(null));
        } catch (SQLException | RuntimeException failed) {
            if (group.size() == 1) {
                group.getFirst().done().completeExceptionally(failed);
            } else {
                // [1]
                group.forEach(writes -> commit(connection, List.of(writes)));
            }
        }
    }

    private void carryOutTogether(Connection connection, List<Writes> group) throws SQLException {
        Map<Statement, PreparedStatement> prepared = new EnumMap<>(Statement.class);
        try {
            for (var writes : group) {
                for (var write : writes.writes()) {
                    add(connection, prepared, write);
                }
            }
            for (var statement : prepared.values()) {
                statement.executeBatch();
            }
            connection.commit();
        } catch (SQLException | RuntimeException failed) {
            connection.rollback();
            throw failed;
        } finally {
            for (var statement : prepared.values()) {
                statement.close();
            }
        }
    }

    private static void add(Connection connection, Map<Statement, PreparedStatement> prepared, Statement.Write write)
            throws SQLException {
        var statement = prepared.get(write.statement());
        if (statement == null) {
            statement = connection.prepareStatement(write.statement().sql());
            prepared.put(write.statement(), statement);
        }
        for (int index = 0; index < write.values().length; index++) {
            statement.setObject(index + 1, write.values()[index]);
        }
        statement.addBatch();
    }

    /** Finishes what waits, and takes nothing more. */
    @Override
    public void close() {
        closed = true;
        var last = new Writes(List.of(), new CompletableFuture<>());
        try {
            if (waiting.offer(last)) {
                thread.join(STOP_MILLIS);
            }
            thread.interrupt();
            thread.join(STOP_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
