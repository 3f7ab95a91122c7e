package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.coordinator.journal.FaultyDatabase.Fault;
import cloudchamber.coordinator.journal.GroupCommit.Connections;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The writer over a connection whose n-th statement or commit fails, for every n: each write is stored whole or not
 * at all, a write that was acknowledged is stored, a failure names its cause, and the next write succeeds.
 */
class GroupCommitTest {
    private static final long PATIENCE_SECONDS = 20;
    /** More calls than the script makes. */
    private static final int MANY_CALLS = 100;

    private static final List<String> GROUP = List.of("a", "b", "c");

    @TempDir
    private Path directory;

    private Path empty;

    @BeforeEach
    void makeSchema() {
        empty = directory.resolve("empty.db");
        Storage.flyway(Dialect.SQLITE)
                .dataSource("jdbc:sqlite:" + empty, null, null)
                .load()
                .migrate();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whicheverCallFailsTheLawsHold(Fault fault) throws Exception {
        var run = everyCall(fault, GroupCommitTest::real);

        assertThat(run.violations()).isEmpty();
        // Three appends in one group, one alone, one later: at least two calls each.
        assertThat(run.calls()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void aRollbackThatHidesTheCauseIsFound() throws Exception {
        var run = everyCall(Fault.NO_ROLLBACK, database -> new Planted(real(database)) {
            @Override
            public void undo(Connection connection, Exception cause) {
                try {
                    connection.rollback();
                } catch (SQLException stuck) {
                    database.discard(connection);
                    throw new StorageException("the transaction must end: " + stuck.getMessage(), stuck);
                }
            }
        });

        assertThat(run.violations()).anyMatch(violation -> violation.contains("does not name its cause"));
    }

    @Test
    void aBrokenConnectionThatIsGivenBackIsFound() throws Exception {
        var run = everyCall(Fault.BROKEN, database -> new Planted(real(database)) {
            @Override
            public void undo(Connection connection, Exception cause) {
                try {
                    connection.rollback();
                } catch (SQLException stuck) {
                    cause.addSuppressed(stuck);
                }
            }
        });

        assertThat(run.violations()).anyMatch(violation -> violation.contains("the next write fails"));
    }

    private static Connections real(FaultyDatabase database) {
        return new Availability(database.pool(), database::discard);
    }

    /** The real connections with one bug. */
    private abstract static class Planted implements Connections {
        private final Connections real;

        Planted(Connections real) {
            this.real = real;
        }

        @Override
        public Connection take() {
            return real.take();
        }

        @Override
        public void giveBack(Connection connection) {
            real.giveBack(connection);
        }
    }

    /** @param calls how many calls the script makes */
    private record Run(int calls, List<String> violations) {}

    private Run everyCall(Fault fault, Function<FaultyDatabase, Connections> connections) throws Exception {
        var violations = new ArrayList<String>();
        for (int call = 1; call < MANY_CALLS; call++) {
            var file = Files.copy(empty, directory.resolve(fault + "-" + call + ".db"));
            try (var database = new FaultyDatabase(file, call, fault)) {
                for (var violation : script(file, connections.apply(database))) {
                    violations.add(fault + " at call " + call + ": " + violation);
                }
                if (!database.hasFailed()) {
                    return new Run(call - 1, violations);
                }
            }
        }
        throw new AssertionError("the script must end: it makes more than " + MANY_CALLS + " calls");
    }

    /** @return the laws that were broken */
    private static List<String> script(Path file, Connections connections) throws Exception {
        var violations = new ArrayList<String>();
        try (var writer = new GroupCommit(connections, new StorageHealth(() -> 0), 100, 10)) {
            var released = new CountDownLatch(1);
            var asked = new LinkedHashMap<String, CompletionStage<?>>();
            asked.put("gate", writer.alone(connection -> {
                await(released);
                return null;
            }));
            GROUP.forEach(name -> asked.put(name, writer.write(two(name))));
            asked.put("alone", writer.alone(connection -> {
                for (var write : two("alone")) {
                    Sql.update(connection, write.statement().sql(), List.of(write.values()));
                }
                return null;
            }));
            asked.put("later", writer.write(two("later")));
            released.countDown();

            var acknowledged = new HashSet<String>();
            boolean met = false;
            for (var name : asked.keySet()) {
                var failure = failure(asked.get(name));
                met |= failure.isPresent();
                if (failure.isEmpty()) {
                    acknowledged.add(name);
                } else if (!namesTheFault(failure.get())) {
                    violations.add("the failure of [" + name + "] does not name its cause: " + failure.get());
                }
            }
            acknowledged.remove("gate");
            // The one fault may strike here; no other does.
            var next = failure(writer.write(two("next")));
            var last = next.isPresent() && !met ? failure(writer.write(two("last"))) : next;
            last.ifPresent(failure -> violations.add("the next write fails: " + failure));
            if (!stored(file).containsAll(acknowledged)) {
                violations.add("acknowledged are " + acknowledged + ", stored " + stored(file));
            }
        }
        return violations;
    }

    /** Why a stage failed; empty if it was done. */
    private static Optional<Throwable> failure(CompletionStage<?> stage) throws Exception {
        try {
            stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return Optional.empty();
        } catch (ExecutionException failed) {
            return Optional.of(failed.getCause());
        }
    }

    private static boolean namesTheFault(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(FaultyDatabase.Planted.class::isInstance);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<Statement.Write> two(String name) {
        return List.of(append(name, 1), append(name, 2));
    }

    private static Statement.Write append(String name, int number) {
        return Statement.APPEND.with(name, number, 0, "writer", "", 1, "manifest", new byte[] {1}, 0);
    }

    /** The names of the writes that are stored; each must be whole. */
    private static Set<String> stored(Path file) throws SQLException {
        var whole = new HashSet<String>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            var rows = statement.executeQuery("select persistence_id, count(*) from journal group by persistence_id");
            while (rows.next()) {
                assertThat(rows.getInt(2)).as("rows of [%s]", rows.getString(1)).isEqualTo(2);
                whole.add(rows.getString(1));
            }
        }
        return whole;
    }

    @Test
    void aRefusedWriteTakesNoOtherWithIt() throws Exception {
        var file = Files.copy(empty, directory.resolve("refused.db"));
        try (var database = new FaultyDatabase(file, 0, Fault.REFUSED);
                var writer = new GroupCommit(real(database), new StorageHealth(() -> 0), 100, 10)) {
            var released = new CountDownLatch(1);
            writer.alone(connection -> {
                await(released);
                return null;
            });
            var first = writer.write(two("same"));
            var second = writer.write(two("same"));
            var other = writer.write(two("other"));
            released.countDown();

            first.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            other.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThatThrownBy(() -> second.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .hasMessageContaining("UNIQUE");
            assertThat(stored(file)).containsExactlyInAnyOrder("same", "other");
        }
    }
}
