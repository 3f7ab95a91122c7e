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
 * <p>[1] A group of which the database refuses a statement is done again one by one, so that the refused write takes
 * no other with it. A group that fails for another reason fails whole: the next write would meet the same database.
 *
 * <p>[2] After a failed commit the outcome may be unknown. Nothing is repeated; the writers read the journal again.
 */
final class GroupCommit implements AutoCloseable {

    /** Lends connections to a database. */
    interface Connections {
        /**
         * A connection of one's own.
         *
         * @throws StorageException if there is none to be had
         */
        Connection take();

        /**
         * Ends the transaction of a connection after a failure. A connection that cannot do that is not lent again.
         *
         * @param cause of the failure; a failed rollback is added to it and never hides it
         */
        void undo(Connection connection, Exception cause);

        /** Takes a connection back; one that cannot even be closed is not lent again. */
        void giveBack(Connection connection);
    }

    /** Work that needs a transaction of its own. */
    interface Transaction<T> {
        T in(Connection connection) throws SQLException;
    }

    private sealed interface Task {
        CompletableFuture<?> done();
    }

    private record Writes(List<Statement.Write> writes, CompletableFuture<Void> done) implements Task {}

    private static final class Alone<T> implements Task {
        private final Transaction<T> transaction;
        private final CompletableFuture<T> done = new CompletableFuture<>();
        private T result;

        Alone(Transaction<T> transaction) {
            this.transaction = transaction;
        }

        void runIn(Connection connection) throws SQLException {
            result = transaction.in(connection);
        }

        void acknowledge() {
            done.complete(result);
        }

        @Override
        public CompletableFuture<T> done() {
            return done;
        }
    }

    private static final long STOP_MILLIS = 10_000;

    private final Connections database;
    private final StorageHealth health;
    private final int maxGroup;
    private final BlockingQueue<Task> waiting;
    private final Thread thread;
    private volatile boolean closed;

    GroupCommit(Connections database, StorageHealth health, int maxWaiting, int maxGroup) {
        this.database = database;
        this.health = health;
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
        return submit(new Alone<>(transaction)).minimalCompletionStage();
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
                carryOutOrFail(group);
                group.clear();
            }
        } catch (InterruptedException stopped) {
            waiting.drainTo(group);
            group.forEach(task ->
                    task.done().completeExceptionally(new StorageException("the journal must be open: it was closed")));
        }
    }

    /** A bug fails the group it happened in and not the writes that follow. */
    private void carryOutOrFail(List<Task> group) {
        try {
            carryOut(group);
        } catch (RuntimeException bug) {
            fail(group, bug);
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
        switch (transacted(alone::runIn)) {
            case Outcome.Stored stored -> alone.acknowledge();
            case Outcome.Failed failed -> fail(List.of(alone), failed.failure());
        }
    }

    private void commit(List<Writes> group) {
        if (group.stream().allMatch(writes -> writes.writes().isEmpty())) {
            group.forEach(writes -> writes.done().complete(null));
            return;
        }
        switch (transacted(connection -> execute(connection, group))) {
            case Outcome.Stored stored -> group.forEach(writes -> writes.done().complete(null));
            // [1]
            case Outcome.Failed(var failure, var refused)
            when refused && group.size() > 1 -> group.forEach(writes -> commit(List.of(writes)));
            // [2]
            case Outcome.Failed(var failure, var refused) -> fail(group, failure);
        }
    }

    private static boolean isRefusal(Exception failure) {
        return !(failure instanceof SQLException sql) || StorageFault.of(sql) == StorageFault.REFUSED;
    }

    private void fail(List<? extends Task> group, Exception failure) {
        var typed = StorageFault.typed(failure);
        health.writeFailed(typed);
        group.forEach(task -> task.done().completeExceptionally(typed));
    }

    private sealed interface Outcome {
        record Stored() implements Outcome {}

        /** @param refused whether the database works, and refused a statement */
        record Failed(Exception failure, boolean refused) implements Outcome {}
    }

    private interface Work {
        void in(Connection connection) throws SQLException;
    }

    private Outcome transacted(Work work) {
        Connection connection;
        try {
            connection = database.take();
        } catch (StorageException none) {
            return new Outcome.Failed(none, false);
        }
        boolean executed = false;
        try {
            work.in(connection);
            executed = true;
            connection.commit();
            health.written();
            return new Outcome.Stored();
        } catch (SQLException | RuntimeException failed) {
            database.undo(connection, failed);
            return new Outcome.Failed(failed, !executed && isRefusal(failed));
        } finally {
            database.giveBack(connection);
        }
    }

    /** Statements that were not closed are closed with their connection. */
    private static void execute(Connection connection, List<Writes> group) throws SQLException {
        Map<Statement, PreparedStatement> prepared = new EnumMap<>(Statement.class);
        for (var writes : group) {
            for (var write : writes.writes()) {
                add(connection, prepared, write);
            }
        }
        for (var statement : prepared.values()) {
            statement.executeBatch();
        }
        for (var statement : prepared.values()) {
            statement.close();
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
