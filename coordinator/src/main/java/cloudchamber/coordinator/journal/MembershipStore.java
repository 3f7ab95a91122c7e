package cloudchamber.coordinator.journal;

import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.coordinator.membership.Register;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps the {@link Register}. It has a connection of its own, with short limits, so that neither a long write of the
 * journal nor a silent network holds up what membership waits for.
 */
public final class MembershipStore implements AutoCloseable {
    private static final int MAX_WAITING = 100;

    /**
     * A change of the register.
     *
     * @param register as it is stored; the same if nothing changes
     * @param answer for whoever asked for the change
     */
    public record Changed<T>(Register register, T answer) {}

    private final Dialect dialect;
    private final StorageSettings settings;
    private final ThreadPoolExecutor thread;
    /** Of the one thread; null while there is none. */
    private Connection connection;

    private MembershipStore(Dialect dialect, StorageSettings settings) {
        this.dialect = dialect;
        this.settings = settings;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform().daemon().name("membership-store").factory());
    }

    /** Of a database whose schema is up to date; connects when it is first asked. */
    public static MembershipStore open(StorageSettings settings) {
        return new MembershipStore(Dialect.of(settings), settings);
    }

    /**
     * Changes the register in one transaction, which excludes every other one. Fails if the database does not answer
     * within a few seconds; whether the change was made is unknown then.
     *
     * @param change a pure function of the register as it is
     */
    public <T> CompletionStage<T> change(Function<Register, Changed<T>> change) {
        var done = new CompletableFuture<T>();
        try {
            thread.execute(() -> {
                try {
                    done.complete(inTransaction(change));
                } catch (SQLException | RuntimeException failed) {
                    disconnect();
                    done.completeExceptionally(failed);
                }
            });
        } catch (RejectedExecutionException full) {
            done.completeExceptionally(
                    thread.isShutdown()
                            ? new StorageException("the membership store must be open: it was closed", full)
                            : new StorageException.Overloaded("so many changes of membership may not wait"));
        }
        return done.minimalCompletionStage();
    }

    private <T> T inTransaction(Function<Register, Changed<T>> change) throws SQLException {
        if (connection == null) {
            connection = DriverManager.getConnection(dialect.url(settings), dialect.promptProperties(settings));
            connection.setAutoCommit(false);
        }
        var before = read();
        var changed = change.apply(before);
        if (!changed.register().equals(before)) {
            write(before, changed.register());
        }
        connection.commit();
        return changed.answer();
    }

    // ---- rows

    private Register read() throws SQLException {
        long nowMillis;
        try (var statement = connection.createStatement()) {
            statement.execute(dialect.lockMembership());
            // After the lock, for it may have waited.
            try (var row = statement.executeQuery("select " + dialect.nowMillis())) {
                row.next();
                nowMillis = row.getLong(1);
            }
        }
        var leases = Sql.rows(
                connection,
                "select name, epoch, holder, until from lease order by name",
                List.of(),
                row -> new Lease(row.getString(1), row.getLong(2), row.getString(3), row.getLong(4)));
        var founder = leases.getFirst();
        var survivor = leases.getLast();
        return new Register(
                nowMillis,
                founder.epoch(),
                Optional.ofNullable(founder.holder()).map(NodeId::parse),
                Sql.rows(
                        connection,
                        "select node, epoch, seen_at, down, version from coordinator",
                        List.of(),
                        row -> new Register.Entry(
                                NodeId.parse(row.getString(1)),
                                row.getLong(2),
                                row.getLong(3),
                                row.getInt(4) != 0,
                                row.getString(5))),
                Optional.ofNullable(survivor.holder())
                        .map(holder -> new Register.Hold(NodeId.parse(holder), survivor.untilMillis())));
    }

    private record Lease(String name, long epoch, String holder, long untilMillis) {}

    private void write(Register before, Register after) throws SQLException {
        for (var entry : before.entries()) {
            if (after.entry(entry.node()).isEmpty()) {
                Sql.update(
                        connection,
                        "delete from coordinator where node = ?",
                        List.of(entry.node().toString()));
            }
        }
        for (var entry : after.entries()) {
            if (!before.entry(entry.node()).equals(Optional.of(entry))) {
                write(entry);
            }
        }
        if (before.epoch() != after.epoch() || !before.founder().equals(after.founder())) {
            update(
                    "update lease set epoch = ?, holder = ? where name = 'founder'",
                    after.epoch(),
                    after.founder().map(NodeId::toString).orElse(null));
        }
        if (!before.hold().equals(after.hold())) {
            update(
                    "update lease set holder = ?, until = ? where name = 'survivor'",
                    after.hold().map(held -> held.holder().toString()).orElse(null),
                    after.hold().map(Register.Hold::untilMillis).orElse(null));
        }
    }

    private void write(Register.Entry entry) throws SQLException {
        Sql.update(
                connection,
                """
                insert into coordinator (node, epoch, seen_at, down, version) values (?, ?, ?, ?, ?)
                on conflict (node) do update set epoch = excluded.epoch, seen_at = excluded.seen_at,
                  down = excluded.down, version = excluded.version""",
                List.of(
                        entry.node().toString(),
                        entry.epoch(),
                        entry.seenAtMillis(),
                        entry.down() ? 1 : 0,
                        entry.version()));
    }

    /** With values of which some are null. */
    private void update(String sql, Object... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            int index = 0;
            for (var value : values) {
                statement.setObject(++index, value);
            }
            statement.executeUpdate();
        }
    }

    // ---- the connection

    /** What failed may have broken it. */
    private void disconnect() {
        try (var broken = connection) {
            connection = null;
            if (broken != null) {
                broken.rollback();
            }
        } catch (SQLException gone) {
            // It is not used any more.
        }
    }

    /** Changes the register for the last time, after all that was asked for before. */
    public <T> CompletionStage<T> closeWith(Function<Register, Changed<T>> change) {
        var done = change(change);
        try {
            thread.execute(this::disconnect);
        } catch (RejectedExecutionException full) {
            // The connection ends with the process.
        }
        thread.shutdown();
        return done;
    }

    @Override
    public void close() {
        closeWith(register -> new Changed<>(register, true));
    }
}
