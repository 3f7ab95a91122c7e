package cloudchamber.coordinator.journal;

import com.zaxxer.hikari.HikariConfig;
import java.util.List;
import java.util.Map;

/** What differs between the databases; all else is one code. */
enum Dialect {
    SQLITE(Map.of("text", "text", "bytes", "blob")) {
        @Override
        void configure(StorageSettings settings, HikariConfig pool) {
            pool.setJdbcUrl("jdbc:sqlite:" + settings.directory().resolve(FILE).toAbsolutePath());
            pool.addDataSourceProperty("journal_mode", "WAL");
            // A commit is on the disk when it returns, also if the power fails then.
            pool.addDataSourceProperty("synchronous", "FULL");
            pool.addDataSourceProperty(
                    "busy_timeout", Long.toString(settings.connectionTimeout().toMillis()));
        }
    },
    POSTGRESQL(Map.of("text", "text collate \"C\"", "bytes", "bytea")) {
        @Override
        void configure(StorageSettings settings, HikariConfig pool) {
            pool.setJdbcUrl(settings.url().orElseThrow());
            if (!settings.user().isEmpty()) {
                pool.setUsername(settings.user());
            }
            if (!settings.password().isEmpty()) {
                pool.setPassword(settings.password());
            }
            pool.addDataSourceProperty("reWriteBatchedInserts", "true");
            pool.addDataSourceProperty("ApplicationName", "cloudchamber");
            // A coordinator that halts between an append and its commit holds what it wrote; its successors must
            // not wait for it. Shorter than it takes them to succeed it.
            pool.addDataSourceProperty("options", "-c idle_in_transaction_session_timeout=5000");
        }
    };

    /** The database's file in the data directory. */
    static final String FILE = "cloudchamber.db";

    private final Map<String, String> types;

    Dialect(Map<String, String> types) {
        this.types = types;
    }

    static Dialect of(StorageSettings settings) {
        return settings.url().isPresent() ? POSTGRESQL : SQLITE;
    }

    /** Questions for sizes, each with one number: those of SQLite are in pages. */
    List<String> diskUse() {
        return switch (this) {
            case SQLITE -> List.of("pragma page_size", "pragma page_count", "pragma freelist_count");
            case POSTGRESQL -> List.of("select pg_database_size(current_database())");
        };
    }

    abstract void configure(StorageSettings settings, HikariConfig pool);

    /** The names of types in the migrations. */
    Map<String, String> types() {
        return types;
    }
}
