package cloudchamber.coordinator.http.cluster;

import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.job.Retention;
import cloudchamber.coordinator.journal.DiskUse;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.headers.TimeoutAccess;
import scala.concurrent.duration.Duration;

/** What is kept takes room, and can go. */
public final class StorageApi implements Resource {

    /**
     * What the database takes up.
     *
     * @param database sqlite or postgresql
     * @param reusableBytes of these that hold nothing, and are filled first
     * @param freeBytes on the disk; null where that is not this machine's
     * @param retentionSeconds how long jobs stay after their end; null for ever
     */
    record StorageDocument(String database, long bytes, long reusableBytes, Long freeBytes, Long retentionSeconds) {}

    /** @param dryRun whether it would have been removed and is still there */
    record Removal(boolean dryRun, long jobs, long problems, long bytes, StorageDocument storage) {}

    /** @param compact whether to give what is free back to the disk */
    private record Wish(long olderThanSeconds, boolean dryRun, boolean compact) {}

    private static final String PATH = "/api/v1/storage";
    private static final String OLDER_THAN = "olderThanSeconds";
    private static final String DRY_RUN = "dryRun";
    private static final String COMPACT = "compact";
    private static final long MAX_SECONDS = 100L * 366 * 24 * 60 * 60;
    private static final long MILLIS_A_SECOND = 1000;

    private final Api api;

    public StorageApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(PATH, Access.READ, this::storage),
                Route.post(PATH + "/removals", Access.ADMIN, this::remove));
    }

    private CompletionStage<ApiResponse> storage(Request request) {
        api.discard(request);
        return document().thenApply(ApiResponse.Ok::new);
    }

    private CompletionStage<StorageDocument> document() {
        return api.kept().diskUse().thenApply(this::document);
    }

    private StorageDocument document(DiskUse use) {
        return new StorageDocument(
                use.database(),
                use.bytes(),
                use.reusableBytes(),
                use.freeBytes(),
                api.jobs().retention().map(keep -> keep.toSeconds()).orElse(null));
    }

    private CompletionStage<ApiResponse> remove(Request request) {
        return api.withJson(
                request,
                json -> ifValid(wish(json), wish -> {
                    // As long as it takes: there may be many.
                    request.http()
                            .getHeader(TimeoutAccess.class)
                            .ifPresent(access -> access.timeoutAccess().updateTimeout(Duration.Inf()));
                    long before = System.currentTimeMillis() - wish.olderThanSeconds() * MILLIS_A_SECOND;
                    return api.retention()
                            .remove(before, wish.dryRun())
                            .thenCompose(removed -> compacted(wish)
                                    .thenCompose(done -> document())
                                    .thenApply(document -> new ApiResponse.Ok(removal(wish, removed, document))));
                }));
    }

    private CompletionStage<Void> compacted(Wish wish) {
        return wish.compact() && !wish.dryRun() ? api.kept().compact() : CompletableFuture.completedStage(null);
    }

    private static Removal removal(Wish wish, Retention.Removed removed, StorageDocument document) {
        return new Removal(wish.dryRun(), removed.jobs(), removed.problems(), removed.bytes(), document);
    }

    private static Checked<Wish> wish(JsonNode json) {
        var reading = new Reading();
        var wish = new Wish(0, false, false);
        if (reading.isObject(json, "", List.of(OLDER_THAN, DRY_RUN, COMPACT))) {
            if (!json.has(OLDER_THAN)) {
                reading.add(ErrorKind.MISSING_FIELD, "/" + OLDER_THAN, "must be given: is missing");
            }
            wish = new Wish(
                    Optional.ofNullable(json.get(OLDER_THAN))
                            .map(node -> reading.wholeNumber(node, "/" + OLDER_THAN, 0, MAX_SECONDS, 0))
                            .orElse(0L),
                    flag(reading, json, DRY_RUN),
                    flag(reading, json, COMPACT));
        }
        return reading.count() == 0 ? new Checked.Valid<>(wish) : new Checked.Invalid<>(ApiError.of(reading.faults()));
    }

    private static boolean flag(Reading reading, JsonNode json, String field) {
        var node = json.get(field);
        if (node != null && !node.isBoolean()) {
            reading.wrongType("/" + field, "true or false", node);
        }
        return node != null && node.booleanValue();
    }
}
