package cloudchamber.coordinator.journal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;

/** Keys, sessions, and what tenants own and have used. */
public final class KeyStore implements AutoCloseable {
    /**
     * An API key as it is kept. Times are in milliseconds since 1970.
     *
     * @param hash of the key; the key itself is nowhere
     * @param name what its owner calls it
     * @param role in lower case
     * @param expiresAtMillis null if it does not expire
     * @param revokedAtMillis null while it was not revoked
     */
    public record KeyRow(
            String id,
            String hash,
            String name,
            String role,
            String tenant,
            long createdAtMillis,
            Long expiresAtMillis,
            Long revokedAtMillis) {}

    /**
     * Somebody who has logged in with a key.
     *
     * @param hash of what the browser sends
     * @param key the key's id
     * @param expiresAtMillis milliseconds since 1970
     */
    public record SessionRow(String hash, String key, long expiresAtMillis) {}

    /** All that tells who somebody is: every key, also those that are no longer good, and the open sessions. */
    public record Contents(List<KeyRow> keys, List<SessionRow> sessions) {
        public Contents {
            keys = List.copyOf(keys);
            sessions = List.copyOf(sessions);
        }
    }

    private final Storage storage;
    private final boolean owned;

    private KeyStore(Storage storage, boolean owned) {
        this.storage = storage;
        this.owned = owned;
    }

    /**
     * The one of this node; closed with it.
     *
     * @throws StorageException if what is kept cannot be opened
     */
    public static KeyStore get(ActorSystem<?> system) {
        return new KeyStore(Storage.get(system), false);
    }

    /**
     * The one in a database that no node of this process has open; to be closed.
     *
     * @throws StorageException if it cannot be opened, or another process has it
     */
    public static KeyStore open(StorageSettings settings) {
        return new KeyStore(Storage.open(settings), true);
    }

    /** @param nowMillis sessions that have ended by then are left out */
    public CompletionStage<Contents> contents(long nowMillis) {
        return storage.read(connection -> new Contents(
                keys(connection),
                Sql.rows(
                        connection,
                        "select hash, api_key, expires_at from session where expires_at > ?",
                        List.of(nowMillis),
                        row -> new SessionRow(row.getString(1), row.getString(2), row.getLong(3)))));
    }

    /** Every key, oldest first. */
    public CompletionStage<List<KeyRow>> keys() {
        return storage.read(KeyStore::keys);
    }

    private static List<KeyRow> keys(Connection connection) throws SQLException {
        return Sql.rows(connection, """
                select id, hash, name, role, tenant, created_at, expires_at, revoked_at from api_key
                  order by created_at, id""", List.of(), KeyStore::key);
    }

    private static KeyRow key(ResultSet row) throws SQLException {
        return new KeyRow(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getLong(6),
                Sql.whole(row, 7),
                Sql.whole(row, 8));
    }

    /** Whether another process may change the keys while this one has them. */
    public boolean isShared() {
        return storage.dialect() == Dialect.POSTGRESQL;
    }

    /** How many keys this process has added; changes before a key can be read. */
    public long additions() {
        return storage.keyAdditions().get();
    }

    public CompletionStage<Void> add(KeyRow key) {
        storage.keyAdditions().incrementAndGet();
        return storage.writer().write(List.of(insert(key)));
    }

    /**
     * Adds the first key; does nothing where there is one already, this or another.
     *
     * @return whether it was added
     */
    public CompletionStage<Boolean> addFirst(KeyRow key) {
        storage.keyAdditions().incrementAndGet();
        return storage.writer().alone(connection -> {
            boolean first = keys(connection).isEmpty();
            if (first) {
                var insert = insert(key);
                Sql.update(
                        connection,
                        insert.statement().sql() + " on conflict do nothing",
                        Arrays.asList(insert.values()));
            }
            return first;
        });
    }

    private static Statement.Write insert(KeyRow key) {
        return Statement.ADD_KEY.with(
                key.id(),
                key.hash(),
                key.name(),
                key.role(),
                key.tenant(),
                key.createdAtMillis(),
                key.expiresAtMillis(),
                key.revokedAtMillis());
    }

    /**
     * Ends a key and its sessions; one that has ended stays as it is.
     *
     * @return the key; empty if there is none with this id
     */
    public CompletionStage<Optional<KeyRow>> revoke(String id, long nowMillis) {
        return storage.writer().alone(connection -> {
            Sql.update(
                    connection,
                    "update api_key set revoked_at = ? where id = ? and revoked_at is null",
                    List.of(nowMillis, id));
            Sql.update(connection, "delete from session where api_key = ?", List.of(id));
            return keys(connection).stream().filter(key -> key.id().equals(id)).findFirst();
        });
    }

    /** @param nowMillis sessions that have ended by then are forgotten */
    public CompletionStage<Void> addSession(SessionRow session, long nowMillis) {
        return storage.writer()
                .write(List.of(
                        Statement.DELETE_OLD_SESSIONS.with(nowMillis),
                        Statement.ADD_SESSION.with(session.hash(), session.key(), session.expiresAtMillis())));
    }

    public CompletionStage<Void> removeSession(String hash) {
        return storage.writer().write(List.of(Statement.DELETE_SESSION.with(hash)));
    }

    /** Whose a job is; empty if there is none with this id. */
    public CompletionStage<Optional<String>> tenantOf(String job) {
        return storage.read(connection ->
                Sql.rows(connection, "select tenant from job where id = ?", List.of(job), row -> row.getString(1))
                        .stream()
                        .findFirst());
    }

    /**
     * How many tokens the problems of each tenant took that ended in a time: read and generated, by policy and PRM.
     *
     * @param afterMillis exclusive
     * @param untilMillis inclusive
     */
    public CompletionStage<Map<String, Long>> tokens(long afterMillis, long untilMillis) {
        return storage.read(connection -> {
            var tokens = new HashMap<String, Long>();
            Sql.rows(
                    connection,
                    """
                    select job.tenant, sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)
                        + coalesce(prm_tokens, 0))
                      from problem join job on job.id = problem.job
                      where problem.ended_at > ? and problem.ended_at <= ? group by job.tenant""",
                    List.of(afterMillis, untilMillis),
                    row -> tokens.put(row.getString(1), row.getLong(2)));
            return Map.copyOf(tokens);
        });
    }

    /** Closes what {@link #open} has opened. */
    @Override
    public void close() {
        if (owned) {
            storage.close();
        }
    }
}
