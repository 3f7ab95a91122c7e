package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.Caller;
import cloudchamber.coordinator.access.Credential;
import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.journal.AuditLog;
import cloudchamber.coordinator.journal.Storage;
import cloudchamber.coordinator.journal.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Host;
import org.apache.pekko.http.javadsl.model.headers.TimeoutAccess;
import org.apache.pekko.stream.javadsl.Flow;

/** Finds who answers a request, and answers where nobody does. */
public final class Router {
    /*
     * A page of any site can have a browser send requests to a loopback port under a name of the site's
     * own, once that name has been made to point there. Such requests still carry the name as their Host,
     * and are refused by it.
     */

    /**
     * One route.
     *
     * @param path its segments; one in braces stands for any text and names it
     */
    public record Route(HttpMethod method, String path, Access access, Handler handler) {
        public static Route get(String path, Access access, Handler handler) {
            return new Route(HttpMethods.GET, path, access, handler);
        }

        public static Route post(String path, Access access, Handler handler) {
            return new Route(HttpMethods.POST, path, access, handler);
        }

        public static Route delete(String path, Access access, Handler handler) {
            return new Route(HttpMethods.DELETE, path, access, handler);
        }

        /** What the segments in braces stand for; empty if the path is another. */
        Optional<Map<String, String>> match(List<String> segments) {
            var patterns = path.substring(1).split("/");
            if (patterns.length != segments.size()) {
                return Optional.empty();
            }
            var parameters = new HashMap<String, String>();
            for (int index = 0; index < patterns.length; index++) {
                var pattern = patterns[index];
                if (pattern.startsWith("{")) {
                    parameters.put(pattern.substring(1, pattern.length() - 1), segments.get(index));
                } else if (!pattern.equals(segments.get(index))) {
                    return Optional.empty();
                }
            }
            return Optional.of(Map.copyOf(parameters));
        }

        boolean serves(HttpMethod asked) {
            return asked.equals(method) || asked.equals(HttpMethods.HEAD) && method.equals(HttpMethods.GET);
        }
    }

    /** Answers one kind of request. To fail with a {@link TimeoutException} is no bug. */
    public interface Handler {
        CompletionStage<ApiResponse> handle(Request request);
    }

    /**
     * A request that found its route.
     *
     * @param parameters the segments in braces, decoded, as the caller may see them
     * @param gone completes when the client has closed the connection before it was answered
     */
    public record Request(HttpRequest http, Map<String, String> parameters, Caller caller, CompletionStage<Done> gone) {
        /** Whose things the request is about. */
        public Tenant tenant() {
            return caller.tenant();
        }

        public String parameter(String name) {
            return parameters.get(name);
        }

        /** What the URL says after its question mark under a name. */
        public Optional<String> query(String name) {
            return http.getUri().query().get(name);
        }

        /** All that it says there. */
        public List<String> queries(String name) {
            return http.getUri().query().toMultiMap().getOrDefault(name, List.of());
        }

        public Optional<String> header(String name) {
            return http.getHeader(name).map(HttpHeader::value);
        }
    }

    /** The requests of one connection that are being answered; they learn when it ends. */
    private static final class Exchanges {
        private final Set<CompletableFuture<Done>> open = ConcurrentHashMap.newKeySet();
        private volatile boolean ended;

        CompletableFuture<Done> begin() {
            var gone = new CompletableFuture<Done>();
            open.add(gone);
            if (ended) {
                gone.complete(Done.getInstance());
            }
            return gone;
        }

        void answered(CompletableFuture<Done> gone) {
            open.remove(gone);
        }

        void end() {
            ended = true;
            open.forEach(gone -> gone.complete(Done.getInstance()));
        }
    }

    /** Chats are jobs, and are many: their jobs tell of them. */
    private static final String OPENAI = "/v1/";

    private static final int MAX_REQUEST_ID_LENGTH = 128;
    private static final ApiResponse TOOK_TOO_LONG =
            ApiResponse.refused(ErrorKind.TIMED_OUT, "an answer was expected in time: none came; try again");

    private final List<Route> routes;
    private final Guard guard;
    private final boolean onLoopback;
    private final Supplier<String> ids;
    private final ActorSystem<?> system;
    private final AuditLog audit;

    /**
     * @param onLoopback whether requests must have a loopback address as their host
     * @param ids gives a fresh id each time
     */
    public Router(List<Route> routes, Guard guard, boolean onLoopback, Supplier<String> ids, ActorSystem<?> system) {
        this.routes = List.copyOf(routes);
        this.guard = guard;
        this.onLoopback = onLoopback;
        this.ids = ids;
        this.system = system;
        this.audit = AuditLog.get(system);
    }

    /** Answers the requests of one connection after the other. */
    public Flow<HttpRequest, HttpResponse, NotUsed> connection() {
        return Flow.<HttpRequest, HttpResponse, NotUsed>fromMaterializer((materializer, attributes) -> {
                    var exchanges = new Exchanges();
                    return Flow.<HttpRequest>create()
                            .watchTermination((nothing, done) -> {
                                done.whenComplete((finished, failure) -> exchanges.end());
                                return nothing;
                            })
                            .mapAsync(1, request -> answer(request, exchanges));
                })
                .mapMaterializedValue(nothing -> NotUsed.getInstance());
    }

    private CompletionStage<HttpResponse> answer(HttpRequest request, Exchanges exchanges) {
        var path = request.getUri().getPathString();
        var requestId = requestId(request);
        request.getHeader(TimeoutAccess.class)
                .ifPresent(access -> access.timeoutAccess()
                        .updateHandler(late -> ResponseRenderer.of(TOOK_TOO_LONG, path, requestId)));
        CompletionStage<ApiResponse> reply;
        try {
            reply = reply(request, requestId, exchanges);
        } catch (RuntimeException bug) {
            reply = CompletableFuture.failedStage(bug);
        }
        return reply.exceptionally(failure -> failed(failure, requestId))
                .thenApply(said -> ResponseRenderer.of(said, path, requestId));
    }

    private CompletionStage<ApiResponse> reply(HttpRequest request, String requestId, Exchanges exchanges) {
        var host = request.getHeader(Host.class)
                .map(header -> header.host().address())
                .orElse("");
        if (onLoopback && !host.isEmpty() && !HttpSettings.loopback(host)) {
            return refused(request, ErrorKind.MISDIRECTED, "the host must be this machine's loopback: was " + host);
        }
        if (Credential.isInUrl(request)) {
            return refused(
                    request,
                    ErrorKind.KEY_IN_URL,
                    "a key must stand in the header Authorization: was in the URL, where logs and browsers keep it;"
                            + " revoke it");
        }
        var foreign = writes(request) ? BrowserOrigin.foreign(request) : Optional.<String>empty();
        if (foreign.isPresent()) {
            return refused(
                    request,
                    ErrorKind.FOREIGN_ORIGIN,
                    "a request that changes something must come from this server's own page: " + foreign.get());
        }
        var segments = segments(request);
        var allowed = new TreeSet<String>();
        for (var route : routes) {
            var parameters = route.match(segments);
            if (parameters.isPresent()) {
                if (route.serves(request.method())) {
                    if (route.access() == Access.SUBMIT && stopping(system)) {
                        return refused(
                                request,
                                ErrorKind.DRAINING,
                                "a node that goes on was expected: this one is about to stop, and takes nothing new");
                    }
                    var trouble = route.access() == Access.SUBMIT && writes(request)
                            ? Storage.get(system).writeTrouble()
                            : Optional.<StorageException>empty();
                    if (trouble.isPresent()) {
                        request.discardEntityBytes(system);
                        return CompletableFuture.completedStage(StorageTrouble.refusal(trouble.get()));
                    }
                    return serve(route, request, requestId, parameters.get(), exchanges);
                }
                allowed.add(route.method().value());
            }
        }
        if (allowed.isEmpty()) {
            return refused(request, ErrorKind.UNKNOWN_PATH, "a path of the API was expected: this is none");
        }
        if (allowed.contains(HttpMethods.GET.value())) {
            allowed.add(HttpMethods.HEAD.value());
        }
        request.discardEntityBytes(system);
        var methods = String.join(", ", allowed);
        return CompletableFuture.completedStage(new ApiResponse.Refused(ApiError.of(
                        ErrorKind.METHOD_NOT_ALLOWED,
                        "the method must be one of " + methods + ": was "
                                + request.method().value())
                .withHeader("Allow", methods)));
    }

    private CompletionStage<ApiResponse> serve(
            Route route, HttpRequest request, String requestId, Map<String, String> parameters, Exchanges exchanges) {
        var gone = exchanges.begin();
        var admitted = guard.admit(request, route.access()).whenComplete((admission, failure) -> {
            if (failure != null) {
                exchanges.answered(gone);
            }
        });
        return admitted.thenCompose(admission -> switch (admission) {
            case Guard.Admission.Refused(var error) -> {
                exchanges.answered(gone);
                request.discardEntityBytes(system);
                yield CompletableFuture.completedStage(new ApiResponse.Refused(error));
            }
            case Guard.Admission.Admitted(var caller, var slot) ->
                guard.seenBy(caller, parameters)
                        .thenCompose(seen -> route.handler().handle(new Request(request, seen, caller, gone)))
                        .thenApply(reply -> reply.streaming(stream -> guard.whileValid(caller, stream)))
                        .whenComplete((reply, failure) -> audit(route, request, requestId, caller, parameters, reply))
                        .handle((reply, failure) -> endingWith(
                                () -> {
                                    exchanges.answered(gone);
                                    slot.release();
                                },
                                gone,
                                reply,
                                failure));
        });
    }

    /** What changes something is written down with who did it, whether it was done or refused; bodies are not. */
    private void audit(
            Route route,
            HttpRequest request,
            String requestId,
            Caller caller,
            Map<String, String> parameters,
            ApiResponse reply) {
        if (!writes(request) || route.path().startsWith(OPENAI)) {
            return;
        }
        int status = reply == null ? ErrorKind.INTERNAL.status() : reply.status();
        var row = new AuditLog.Row(
                System.currentTimeMillis(),
                requestId,
                caller.keyId(),
                caller.tenant().name(),
                caller.role().id(),
                route.method().value() + " " + route.path(),
                parameters.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                        .collect(Collectors.joining(" ")),
                status);
        audit.add(row).exceptionally(unwritten -> {
            system.log()
                    .warn(
                            "the audit log could not be written: {}: {}",
                            row,
                            Failures.cause(unwritten).getMessage());
            return null;
        });
    }

    /** The same reply; when it has been given, or nobody is there to take it, {@code end} is run, maybe twice. */
    private static ApiResponse endingWith(
            Runnable end, CompletionStage<Done> gone, ApiResponse reply, Throwable failure) {
        if (failure != null) {
            end.run();
            throw new CompletionException(Failures.cause(failure));
        }
        if (!reply.isStream()) {
            end.run();
            return reply;
        }
        gone.whenComplete((ended, never) -> end.run());
        return reply.streaming(stream -> stream.watchTermination((nothing, done) -> {
            done.whenComplete((finished, broken) -> end.run());
            return nothing;
        }));
    }

    private CompletionStage<ApiResponse> refused(HttpRequest request, ErrorKind kind, String detail) {
        request.discardEntityBytes(system);
        return CompletableFuture.completedStage(ApiResponse.refused(kind, detail));
    }

    private ApiResponse failed(Throwable failure, String requestId) {
        var cause = Failures.cause(failure);
        if (cause instanceof TimeoutException) {
            // Who waits for a write in vain is told why nothing is written.
            return Storage.get(system)
                    .writeTrouble()
                    .map(StorageTrouble::refusal)
                    .orElse(TOOK_TOO_LONG);
        }
        if (StorageException.isOne(cause)) {
            system.log().warn("request [{}] needs the database: {}", requestId, cause.getMessage());
            return StorageTrouble.refusal(cause);
        }
        system.log().error("request [{}] met a bug", requestId, cause);
        return ApiResponse.refused(
                ErrorKind.INTERNAL, "this should not happen; the log of the node knows the request by its id");
    }

    private static boolean writes(HttpRequest request) {
        return !request.method().equals(HttpMethods.GET) && !request.method().equals(HttpMethods.HEAD);
    }

    /** Whether the node is shutting down. */
    public static boolean stopping(ActorSystem<?> system) {
        return CoordinatedShutdown.get(system).getShutdownReason().isPresent();
    }

    /** The path's segments, decoded; none if one of them is empty, but for the root's only one. */
    private static List<String> segments(HttpRequest request) {
        var path = request.getUri().getPathString();
        if (path.equals("/")) {
            return List.of("");
        }
        if (path.contains("//") || path.endsWith("/")) {
            return List.of();
        }
        var segments = new ArrayList<String>();
        request.getUri().pathSegments().forEach(segments::add);
        return segments;
    }

    /** The client's own id for the request, if it is a sensible one. */
    private String requestId(HttpRequest request) {
        return request.getHeader("X-Request-Id")
                .map(header -> header.value())
                .filter(id -> id.length() <= MAX_REQUEST_ID_LENGTH
                        && id.chars().allMatch(character -> character > ' ' && character < 0x7F))
                .orElseGet(() -> "request-" + ids.get());
    }
}
