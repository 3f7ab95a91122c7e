package cloudchamber.coordinator.journal;

import com.zaxxer.hikari.HikariConfig;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** What differs between the databases; all else is one code. */
enum Dialect {
    SQLITE(Map.of("text", "text", "bytes", "blob")) {
        @Override
        void configure(StorageSettings settings, HikariConfig pool) {
            pool.setJdbcUrl(url(settings));
            pool.addDataSourceProperty("journal_mode", "WAL");
            // A commit is on the disk when it returns, also if the power fails then.
            pool.addDataSourceProperty("synchronous", "FULL");
            pool.addDataSourceProperty(
                    "busy_timeout", Long.toString(settings.connectionTimeout().toMillis()));
        }

        @Override
        String url(StorageSettings settings) {
            return "jdbc:sqlite:" + settings.directory().resolve(FILE).toAbsolutePath();
        }

        @Override
        Properties promptProperties(StorageSettings settings) {
            var properties = new Properties();
            properties.setProperty("busy_timeout", Integer.toString(PROMPT_SECONDS * 1000));
            return properties;
        }

        @Override
        String nowMillis() {
            return "cast(unixepoch('subsec') * 1000 as integer)";
        }

        @Override
        String lockMembership() {
            return "update lease set epoch = epoch where name = 'founder'";
        }
    },
    POSTGRESQL(Map.of("text", "text collate \"C\"", "bytes", "bytea")) {
        @Override
        void configure(StorageSettings settings, HikariConfig pool) {
            pool.setJdbcUrl(url(settings));
            if (!settings.user().isEmpty()) {
                pool.setUsername(settings.user());
            }
            if (!settings.password().isEmpty()) {
                pool.setPassword(settings.password());
            }
            pool.addDataSourceProperty("reWriteBatchedInserts", "true");
            pool.addDataSourceProperty("ApplicationName", APPLICATION);
            // A coordinator that halts between an append and its commit holds what it wrote; its successors must
            // not wait for it. Shorter than it takes them to succeed it.
            pool.addDataSourceProperty("options", "-c idle_in_transaction_session_timeout=5000");
        }

        @Override
        String url(StorageSettings settings) {
            return settings.url().orElseThrow();
        }

        @Override
        Properties promptProperties(StorageSettings settings) {
            var properties = new Properties();
            if (!settings.user().isEmpty()) {
                properties.setProperty("user", settings.user());
            }
            if (!settings.password().isEmpty()) {
                properties.setProperty("password", settings.password());
            }
            properties.setProperty("ApplicationName", APPLICATION);
            properties.setProperty("connectTimeout", Integer.toString(PROMPT_SECONDS));
            properties.setProperty("socketTimeout", Integer.toString(PROMPT_SECONDS));
            // A coordinator that halts within a change must not keep the others from theirs.
            properties.setProperty("options", "-c idle_in_transaction_session_timeout=2000 -c lock_timeout=2500");
            return properties;
        }

        @Override
        String nowMillis() {
            return "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
        }

        @Override
        String lockMembership() {
            return "select epoch from lease where name = 'founder' for update";
        }
    };

    /** The database's file in the data directory. */
    static final String FILE = "cloudchamber.db";
    /** How long a connection that must answer promptly may take, for each thing it is asked. */
    static final int PROMPT_SECONDS = 4;
    /** By which the database knows the sessions of this program; versions before membership had another name. */
    static final String APPLICATION = "cloudchamber-coordinator";

    static final String EARLIER_APPLICATION = "cloudchamber";

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

    abstract String url(StorageSettings settings);

    /** Of a connection on which nothing waits for long. */
    abstract Properties promptProperties(StorageSettings settings);

    /** The database's clock, as an expression. */
    abstract String nowMillis();

    /** Excludes every other change of membership until the transaction ends. */
    abstract String lockMembership();

    /** The names of types in the migrations. */
    Map<String, String> types() {
        return types;
    }
}
