package cloudchamber.coordinator.http.cluster;

import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.JobDocument;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Page;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.journal.AuditLog;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Who did what, for admins. */
public final class AuditApi implements Resource {

    /**
     * One thing that was done, or refused.
     *
     * @param key the id of the caller's key; empty where none was needed
     * @param action the route
     * @param object what the path names
     * @param status of the answer, as HTTP has it
     */
    record Entry(
            String at,
            String request,
            String key,
            String tenant,
            String role,
            String action,
            String object,
            int status) {
        static Entry of(AuditLog.Row row) {
            return new Entry(
                    JobDocument.instant(row.atMillis()),
                    row.request(),
                    row.key(),
                    row.tenant(),
                    row.role(),
                    row.action(),
                    row.object(),
                    row.status());
        }
    }

    /** Newest first. */
    record Listing(List<Entry> entries) {}

    private static final String PATH = "/api/v1/audit";

    private final Api api;
    private final AuditLog log;

    public AuditApi(Api api) {
        this.api = api;
        this.log = AuditLog.get(api.system());
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get(PATH, Access.ADMIN, this::list));
    }

    private CompletionStage<ApiResponse> list(Request request) {
        api.discard(request);
        long before;
        try {
            before = request.query("before")
                    .map(text -> Instant.parse(text).toEpochMilli())
                    .orElse(Long.MAX_VALUE);
        } catch (DateTimeException | ArithmeticException none) {
            return done(ApiResponse.refused(
                    ErrorKind.OUT_OF_RANGE, "before must be a time such as 2026-01-05T09:30:00Z: was another text"));
        }
        return ifValid(
                Page.of(request),
                page -> log.rows(before, page.limit())
                        .thenApply(rows -> new ApiResponse.Ok(
                                new Listing(rows.stream().map(Entry::of).toList()))));
    }
}
