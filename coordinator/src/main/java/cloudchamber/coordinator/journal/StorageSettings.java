package cloudchamber.coordinator.journal;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where things are kept.
 *
 * @param url of a PostgreSQL database, as JDBC has it; empty for SQLite in {@code directory}
 * @param user empty if the URL names it, or the database asks for none
 * @param password empty if there is none
 * @param directory the data directory; unused with a URL
 * @param connections at most so many at once
 * @param maxWaiting writes that may wait; beyond it they are refused
 * @param maxGroup writes that may share one commit
 * @param connectionTimeout how long to wait for a connection
 */
public record StorageSettings(
        Optional<String> url,
        String user,
        String password,
        Path directory,
        int connections,
        int maxWaiting,
        int maxGroup,
        Duration connectionTimeout) {
    private static final String POSTGRESQL = "jdbc:postgresql:";

    public StorageSettings {
        url.ifPresent(given -> {
            if (!given.startsWith(POSTGRESQL)) {
                throw new StorageException("cloudchamber.journal.url must start with " + POSTGRESQL + ": was " + given);
            }
        });
        if (connections < 2) {
            throw new StorageException("cloudchamber.journal.connections must be at least 2: was " + connections);
        }
    }

    /** Reads {@code cloudchamber.journal}; the defaults stand in {@code reference.conf}. */
    public static StorageSettings from(Config config) {
        var journal = config.getConfig("cloudchamber.journal");
        return new StorageSettings(
                Optional.of(journal.getString("url")).filter(url -> !url.isBlank()),
                journal.getString("user"),
                journal.getString("password"),
                Path.of(journal.getString("directory")),
                journal.getInt("connections"),
                journal.getInt("max-waiting"),
                journal.getInt("max-group"),
                journal.getDuration("connection-timeout"));
    }
}
