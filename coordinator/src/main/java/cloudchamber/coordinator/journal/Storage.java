package cloudchamber.coordinator.journal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.actor.ExtensionIdProvider;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.slf4j.LoggerFactory;

/**
 * The database of one coordinator node, opened once: the journal, the snapshots and the read model share its
 * connections and its one writer.
 */
public final class Storage implements Extension {

    /** Work that reads. */
    interface Query<T> {
        T in(Connection connection) throws SQLException;
    }

    private static final Id ID = new Id();
    private static final int MEMBERSHIP_SCHEMA = 6;
    private static final String MIGRATIONS = "classpath:cloudchamber/journal/migration";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final StorageSettings settings;
    private final Dialect dialect;
    private final HikariDataSource database;
    private final Availability availability;
    private final GroupCommit writer;
    private final ExecutorService readers;

    private Storage(StorageSettings settings) {
        this.settings = settings;
        dialect = Dialect.of(settings);
        try {
            if (dialect == Dialect.SQLITE) {
                open.add(DirectoryLock.take(settings.directory()));
            }
            database = database(dialect, settings);
            open.add(database);
            migrate(database, dialect);
            availability = new Availability(database);
            writer = new GroupCommit(availability, settings.maxWaiting(), settings.maxGroup());
            open.add(writer);
            // One connection is the writer's.
            readers = new ThreadPoolExecutor(
                    settings.connections() - 1,
                    settings.connections() - 1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(settings.maxWaiting()),
                    Thread.ofPlatform().daemon().name("journal-reader-", 1).factory());
            open.add(readers::shutdownNow);
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    /**
     * Opens what is kept, and makes or migrates its schema.
     *
     * @throws StorageException if that cannot be done
     */
    static Storage open(StorageSettings settings) {
        return new Storage(settings);
    }

    /**
     * The storage of this node; opened when first asked for, closed with the system.
     *
     * @throws StorageException if it cannot be opened
     */
    public static Storage get(ActorSystem<?> system) {
        return get(system.classicSystem());
    }

    static Storage get(org.apache.pekko.actor.ActorSystem system) {
        return ID.get(system);
    }

    /** @throws StorageException if there is no connection to be had */
    static HikariDataSource database(Dialect dialect, StorageSettings settings) {
        var pool = new HikariConfig();
        dialect.configure(settings, pool);
        pool.setPoolName("journal");
        pool.setAutoCommit(false);
        pool.setMaximumPoolSize(settings.connections());
        pool.setConnectionTimeout(settings.connectionTimeout().toMillis());
        try {
            return new HikariDataSource(pool);
        } catch (RuntimeException unreachable) {
            throw new StorageException(
                    "the database [" + pool.getJdbcUrl() + "] must be reachable: " + root(unreachable), unreachable);
        }
    }

    private static String root(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    private static void migrate(HikariDataSource database, Dialect dialect) {
        try {
            var flyway = flyway(dialect).dataSource(database).load();
            var version = schema(flyway);
            if (dialect == Dialect.POSTGRESQL && version.isPresent()) {
                refuseWhileEarlierVersionsRun(database, version.get());
            }
            flyway.migrate();
        } catch (FlywayException failed) {
            throw new StorageException("the schema must be as the program makes it: " + root(failed), failed);
        }
    }

    /**
     * Coordinators of versions before membership know nothing of who may form a cluster: a second one would come of
     * it. They see no later schema, for they looked at it when they started.
     */
    private static void refuseWhileEarlierVersionsRun(HikariDataSource database, String version) {
        if (Integer.parseInt(version) >= MEMBERSHIP_SCHEMA) {
            return;
        }
        try (var connection = database.getConnection()) {
            var earlier = Sql.rows(
                    connection,
                    "select pid from pg_stat_activity where datname = current_database() and application_name = ?",
                    List.of(Dialect.EARLIER_APPLICATION),
                    row -> row.getInt(1));
            connection.commit();
            if (!earlier.isEmpty()) {
                throw new StorageException("coordinators of an earlier version must be stopped first: " + earlier.size()
                        + " connections to the database are theirs; stop all nodes, then start all with one version");
            }
        } catch (SQLException failed) {
            throw new StorageException("the database must be reachable: " + failed.getMessage(), failed);
        }
    }

    static FluentConfiguration flyway(Dialect dialect) {
        return Flyway.configure(Storage.class.getClassLoader())
                .locations(MIGRATIONS)
                .placeholders(dialect.types());
    }

    /**
     * The version of a database's tables; empty if it has none.
     *
     * @throws StorageException if it is of a later version than this program knows
     */
    static Optional<String> schema(Flyway flyway) {
        var info = flyway.info();
        var version = Optional.ofNullable(info.current())
                .map(applied -> applied.getVersion().toString());
        for (var migration : info.all()) {
            if (migration.getState().isApplied() && !migration.getState().isResolved()) {
                throw new StorageException(
                        "the data must be of this program's version or an earlier one: its schema is "
                                + version.orElseThrow() + ", of a later one");
            }
        }
        return version;
    }

    Dialect dialect() {
        return dialect;
    }

    GroupCommit writer() {
        return writer;
    }

    /** Reads, on a thread that may wait. */
    <T> CompletionStage<T> read(Query<T> query) {
        var done = new CompletableFuture<T>();
        try {
            readers.execute(() -> {
                try (var connection = availability.connection()) {
                    done.complete(query.in(connection));
                } catch (SQLException | RuntimeException failed) {
                    done.completeExceptionally(failed);
                }
            });
        } catch (RejectedExecutionException full) {
            done.completeExceptionally(
                    readers.isShutdown()
                            ? new StorageException("the journal must be open: it was closed", full)
                            : new StorageException.Overloaded("so many questions may not wait for the database"));
        }
        return done.minimalCompletionStage();
    }

    DiskUse diskUse(Connection connection) throws SQLException {
        var numbers = new ArrayList<Long>();
        try (var statement = connection.createStatement()) {
            for (var question : dialect.diskUse()) {
                var row = statement.executeQuery(question);
                row.next();
                numbers.add(row.getLong(1));
            }
        }
        return switch (dialect) {
            case SQLITE ->
                new DiskUse(
                        "sqlite",
                        numbers.get(0) * numbers.get(1),
                        numbers.get(0) * numbers.get(2),
                        settings.directory().toFile().getUsableSpace());
            case POSTGRESQL -> new DiskUse("postgresql", numbers.getFirst(), 0, null);
        };
    }

    CompletionStage<Void> compact() {
        return dialect == Dialect.POSTGRESQL
                ? CompletableFuture.completedStage(null)
                : writer.alone(connection -> {
                    // Not within a transaction.
                    connection.setAutoCommit(true);
                    try (var statement = connection.createStatement()) {
                        statement.execute("vacuum");
                        statement.execute("pragma wal_checkpoint(truncate)");
                    } finally {
                        connection.setAutoCommit(false);
                    }
                    return null;
                });
    }

    /** Makes the read model again if it is older than the program. */
    void rebuildIfStale(Serialization serialization) {
        try {
            int events = writer.alone(connection -> Rebuild.ifStale(connection, dialect, serialization))
                    .toCompletableFuture()
                    .get();
            if (events > 0) {
                LoggerFactory.getLogger(Storage.class).info("made the read model again from {} events", events);
            }
        } catch (ExecutionException failed) {
            throw new StorageException("the read model must follow from the events: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StorageException("interrupted while the read model was made", interrupted);
        }
    }

    void close() {
        for (var each : open.reversed()) {
            try {
                each.close();
            } catch (Exception broken) {
                throw new StorageException("the database must close: " + broken, broken);
            }
        }
        open.clear();
    }

    private static final class Id extends AbstractExtensionId<Storage> implements ExtensionIdProvider {
        @Override
        public Id lookup() {
            return this;
        }

        @Override
        public Storage createExtension(ExtendedActorSystem system) {
            var storage = Storage.open(StorageSettings.from(system.settings().config()));
            system.registerOnTermination(storage::close);
            storage.rebuildIfStale(SerializationExtension.get(system));
            return storage;
        }
    }
}
