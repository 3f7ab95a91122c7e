package cloudchamber.coordinator.journal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** A pool of connections to a SQLite file, of which one chosen call fails: the n-th statement, commit or rollback. */
final class FaultyDatabase implements AutoCloseable {

    /** How a call fails. */
    enum Fault {
        /** The call does nothing; the connection is as good as before. */
        REFUSED(false, false, false),
        /** The call does nothing, and the rollback after it fails, as that of SQLite does on a full disk. */
        NO_ROLLBACK(false, false, true),
        /** The call does nothing, and nothing that follows on this connection works. */
        BROKEN(false, true, true),
        /** The call has its effect, is reported as failed, and nothing that follows on this connection works. */
        DONE_THEN_BROKEN(true, true, true);

        private final boolean takesEffect;
        private final boolean breaksConnection;
        private final boolean breaksRollback;

        Fault(boolean takesEffect, boolean breaksConnection, boolean breaksRollback) {
            this.takesEffect = takesEffect;
            this.breaksConnection = breaksConnection;
            this.breaksRollback = breaksRollback;
        }
    }

    /** What is thrown by the chosen call. */
    static final class Planted extends SQLException {
        private static final long serialVersionUID = 1L;

        Planted(String call) {
            super("planted: " + call);
        }
    }

    private static final Set<String> COUNTED =
            Set.of("prepareStatement", "executeBatch", "executeQuery", "executeUpdate", "execute", "commit");

    private final Path file;
    private final int failingCall;
    private final Fault fault;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final Set<Connection> discarded = ConcurrentHashMap.newKeySet();
    private int calls;
    private boolean failed;

    /** @param failingCall from 1 on */
    FaultyDatabase(Path file, int failingCall, Fault fault) {
        this.file = file;
        this.failingCall = failingCall;
        this.fault = fault;
    }

    /** Whether the chosen call was made. */
    synchronized boolean hasFailed() {
        return failed;
    }

    private synchronized Connection take() throws SQLException {
        return idle.isEmpty() ? open() : idle.pop();
    }

    /** The connection is not lent again. */
    void discard(Connection connection) {
        discarded.add(connection);
    }

    /** The database as a pool. */
    DataSource pool() {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (pool, method, arguments) -> take());
    }

    private Connection open() throws SQLException {
        var real = DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=5000");
        real.setAutoCommit(false);
        var broken = new AtomicBoolean();
        var noRollback = new AtomicBoolean();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    var name = method.getName();
                    return switch (name) {
                        case "hashCode" -> System.identityHashCode(proxy);
                        case "equals" -> proxy == arguments[0];
                        case "toString" -> "connection";
                        case "close" -> {
                            giveBack((Connection) proxy, real);
                            yield null;
                        }
                        case "rollback" -> {
                            if (broken.get() || noRollback.get()) {
                                throw new SQLException("cannot rollback - no transaction is active");
                            }
                            real.rollback();
                            yield null;
                        }
                        default -> {
                            var result = counted(name, broken, noRollback, () -> method.invoke(real, arguments));
                            yield result instanceof PreparedStatement statement
                                    ? counting(statement, broken, noRollback)
                                    : result;
                        }
                    };
                });
    }

    private PreparedStatement counting(PreparedStatement statement, AtomicBoolean broken, AtomicBoolean noRollback) {
        return (PreparedStatement) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) ->
                        counted(method.getName(), broken, noRollback, () -> method.invoke(statement, arguments)));
    }

    private interface Call {
        Object make() throws ReflectiveOperationException;
    }

    private Object counted(String name, AtomicBoolean broken, AtomicBoolean noRollback, Call call) throws Throwable {
        if (!COUNTED.contains(name)) {
            return made(call);
        }
        if (broken.get()) {
            throw new SQLException("the connection is broken");
        }
        if (noRollback.get() && name.equals("commit")) {
            throw new SQLException("cannot commit - no transaction is active");
        }
        synchronized (this) {
            if (++calls != failingCall) {
                return made(call);
            }
            failed = true;
        }
        if (fault.takesEffect) {
            made(call);
        }
        broken.set(fault.breaksConnection);
        noRollback.set(fault.breaksRollback);
        throw new Planted(name);
    }

    private static Object made(Call call) throws Throwable {
        try {
            return call.make();
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private synchronized void giveBack(Connection proxy, Connection real) throws SQLException {
        if (discarded.remove(proxy)) {
            real.close();
        } else {
            idle.push(proxy);
        }
    }

    @Override
    public synchronized void close() throws SQLException {
        while (!idle.isEmpty()) {
            var connection = idle.pop();
            discard(connection);
            connection.close();
        }
    }
}
