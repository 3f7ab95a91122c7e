package cloudchamber.coordinator.journal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;

/** Who did what to which object, and when. Rows are added and read, never changed; those too old are removed. */
public final class AuditLog {

    /**
     * Who did something that changes what others see.
     *
     * @param request the id of the request; unique together with the time
     * @param key the id of the caller's key; empty where none was needed
     * @param action the method and the path of the route, its parameters in braces
     * @param object the path's parameters as they were given; without a body
     * @param status of the answer, as HTTP has it
     */
    public record Row(
            long atMillis,
            String request,
            String key,
            String tenant,
            String role,
            String action,
            String object,
            int status) {}

    private final Storage storage;
    private final long keptMillis;

    private AuditLog(Storage storage, Duration kept) {
        this.storage = storage;
        this.keptMillis = kept.toMillis();
    }

    /** The one of this node. */
    public static AuditLog get(ActorSystem<?> system) {
        return new AuditLog(
                Storage.get(system), system.settings().config().getDuration("cloudchamber.journal.audit-kept"));
    }

    public CompletionStage<Void> add(Row row) {
        return storage.writer()
                .write(List.of(
                        Statement.ADD_AUDIT.with(
                                row.atMillis(),
                                row.request(),
                                row.key(),
                                row.tenant(),
                                row.role(),
                                row.action(),
                                row.object(),
                                row.status()),
                        Statement.DELETE_OLD_AUDIT.with(row.atMillis() - keptMillis)));
    }

    /**
     * Rows, newest first.
     *
     * @param beforeMillis they are older
     * @param count at most so many
     */
    public CompletionStage<List<Row>> rows(long beforeMillis, int count) {
        return storage.read(connection -> Sql.rows(
                connection,
                """
                select at, request, api_key, tenant, role, action, object, status from audit
                  where at < ? order by at desc, request desc limit ?""",
                List.of(beforeMillis, count),
                row -> new Row(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getInt(8))));
    }
}
