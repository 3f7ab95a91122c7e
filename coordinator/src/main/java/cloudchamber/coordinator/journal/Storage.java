package cloudchamber.coordinator.journal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
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
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final long WATCH_MILLIS = 1000;
    private static final int MEMBERSHIP_SCHEMA = 6;
    private static final String MIGRATIONS = "classpath:cloudchamber/journal/migration";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final StorageSettings settings;
    private final Dialect dialect;
    private final HikariDataSource database;
    private final Availability availability;
    private final StorageHealth health;
    private final WriteProbe probe;
    private final GroupCommit writer;
    private final ExecutorService readers;
    private final AtomicLong keyAdditions = new AtomicLong();

    private Storage(StorageSettings settings) {
        this.settings = settings;
        dialect = Dialect.of(settings);
        try {
            if (dialect == Dialect.SQLITE) {
                open.add(DirectoryLock.take(settings.directory()));
                keepToOwner(settings.directory());
            }
            database = database(dialect, settings);
            open.add(database);
            migrate(database, dialect);
            health = new StorageHealth(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
            availability = new Availability(database, database::evictConnection);
            writer = new GroupCommit(availability, health, settings.maxWaiting(), settings.maxGroup());
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
            probe = new WriteProbe(writer, health);
            var watch = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("journal-watch").factory());
            open.add(watch::shutdownNow);
            watch.scheduleWithFixedDelay(watching(), WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
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

    /** SQLite gives the files beside the database the database's mode. */
    private static void keepToOwner(Path directory) {
        try {
            PrivateFiles.makeFile(directory.resolve(Dialect.FILE));
            for (var beside : List.of("-wal", "-shm")) {
                PrivateFiles.restrict(directory.resolve(Dialect.FILE + beside));
            }
        } catch (IOException unwritable) {
            throw new StorageException(
                    "the data directory [" + directory + "] must be writable: " + unwritable, unwritable);
        }
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
            throw unusable("the database [" + pool.getJdbcUrl() + "] must be reachable: ", unreachable);
        }
    }

    private static StorageException unusable(String expected, RuntimeException failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof SQLException sql && StorageFault.of(sql) != StorageFault.REFUSED
                ? StorageFault.typed(sql)
                : new StorageException(expected + root.getMessage(), failure);
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
            throw unusable("the schema must be as the program makes it: ", failed);
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
            int earlier = sessions(connection, Dialect.EARLIER_APPLICATION);
            if (earlier > 0) {
                throw new StorageException("coordinators of an earlier version must be stopped first: " + earlier
                        + " connections to the database are theirs; stop all nodes, then start all with one version");
            }
        } catch (SQLException failed) {
            throw new StorageException("the database must be reachable: " + failed.getMessage(), failed);
        }
    }

    private static int sessions(Connection connection, String application) throws SQLException {
        try (var statement = connection.prepareStatement("select count(*) from pg_stat_activity"
                + " where datname = current_database() and application_name = ?")) {
            statement.setString(1, application);
            try (var rows = statement.executeQuery()) {
                rows.next();
                int sessions = rows.getInt(1);
                connection.commit();
                return sessions;
            }
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

    /** How many keys were added through this process; a key that another process adds is not among them. */
    AtomicLong keyAdditions() {
        return keyAdditions;
    }

    Dialect dialect() {
        return dialect;
    }

    GroupCommit writer() {
        return writer;
    }

    private Optional<DatabaseFile> file() {
        if (dialect == Dialect.POSTGRESQL) {
            return Optional.empty();
        }
        var file = new DatabaseFile(settings.directory().resolve(Dialect.FILE));
        // Closed after the connections.
        open.add(open.indexOf(database), file);
        return Optional.of(file);
    }

    /** While there is trouble its end is looked for, whether anybody asks or not. */
    private Runnable watching() {
        var file = file();
        return () -> {
            if (health.trouble().isPresent()) {
                probe.check();
            }
            file.flatMap(DatabaseFile::damage).ifPresent(health::failed);
        };
    }

    /** The trouble that the last write of this node met; empty if it was written. */
    public Optional<StorageException> writeTrouble() {
        return health.trouble();
    }

    /** The trouble that a write meets now, found out by one unless the last is not a second old; empty if there is none. */
    public CompletionStage<Optional<StorageException>> checkWritable() {
        return probe.check();
    }

    /** The same reply of one who has to write first, or the trouble that a write of this node met before it came. */
    public <T> CompletionStage<T> orTrouble(CompletionStage<T> reply) {
        return health.orTrouble(reply);
    }

    /** Completes when the database was found to be damaged or gone: the node must stop. */
    public CompletionStage<StorageException.Damaged> damage() {
        return health.damage().minimalCompletionStage();
    }

    /** Reads, on a thread that may wait. */
    <T> CompletionStage<T> read(Query<T> query) {
        var done = new CompletableFuture<T>();
        try {
            readers.execute(() -> {
                try {
                    done.complete(inTransaction(query));
                } catch (SQLException | RuntimeException failed) {
                    var typed = StorageFault.typed(failed);
                    health.failed(typed);
                    done.completeExceptionally(typed);
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

    private <T> T inTransaction(Query<T> query) throws SQLException {
        var connection = availability.take();
        try {
            var result = query.in(connection);
            connection.rollback();
            return result;
        } catch (SQLException | RuntimeException failed) {
            availability.undo(connection, failed);
            throw failed;
        } finally {
            availability.giveBack(connection);
        }
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
                        numbers.get(0) * numbers.get(1) + walBytes(),
                        numbers.get(0) * numbers.get(2),
                        settings.directory().toFile().getUsableSpace());
            case POSTGRESQL -> new DiskUse("postgresql", numbers.getFirst(), 0, null);
        };
    }

    /** The log that SQLite keeps beside its file; it grows while readers hold on to what it has. */
    private long walBytes() {
        return settings.directory().resolve(Dialect.FILE + "-wal").toFile().length();
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
