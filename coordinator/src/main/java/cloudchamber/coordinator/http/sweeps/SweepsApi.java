package cloudchamber.coordinator.http.sweeps;

import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.live.EventStreamActor;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.Sweep;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepStatus;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorRef;

/** Sweeps: submitted, followed, paused, resumed, cancelled, their failed problems tried again. */
public final class SweepsApi implements Resource {
    static final String SWEEPS = "/api/v1/sweeps";
    private static final Pattern SWEEP_ID = Pattern.compile("[A-Za-z0-9_-]{1,48}");

    /** All sweeps. */
    public record Listing(List<SweepDocument.Line> sweeps) {}

    private final Api api;
    private final DataSetsApi dataSets;

    public SweepsApi(Api api, DataSetsApi dataSets) {
        this.api = api;
        this.dataSets = dataSets;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(SWEEPS, Access.SUBMIT, this::submit),
                Route.get(SWEEPS, Access.READ, this::list),
                Route.get(SWEEPS + "/{sweep}", Access.READ, this::sweep),
                Route.get(SWEEPS + "/{sweep}/cells/{cell}", Access.READ, this::cell),
                Route.get(SWEEPS + "/{sweep}/events", Access.READ, this::events),
                Route.post(SWEEPS + "/{sweep}/pause", Access.SUBMIT, request -> told(request, Sweep.Pause::new)),
                Route.post(SWEEPS + "/{sweep}/resume", Access.SUBMIT, request -> told(request, Sweep.Resume::new)),
                Route.post(SWEEPS + "/{sweep}/cancel", Access.SUBMIT, request -> told(request, Sweep.Cancel::new)),
                Route.post(SWEEPS + "/{sweep}/retry", Access.SUBMIT, request -> told(request, Sweep.Retry::new)));
    }

    /** Takes a sweep; one that its client gave an id can be submitted again, with more cells too. */
    private CompletionStage<ApiResponse> submit(Request request) {
        return api.withJson(request, json -> {
            var given = json.path("id");
            if (json.has("id")
                    && !(given.isTextual()
                            && SWEEP_ID.matcher(given.textValue()).matches())) {
                return done(ApiResponse.refused(
                        ErrorKind.INVALID_ID,
                        "a sweep's id must have 1 to 48 letters, digits, hyphens or underscores"));
            }
            var id = given.isTextual() ? given.textValue() : "sweep-" + api.freshId();
            return named(request.tenant(), json)
                    .thenCompose(sets -> ifValid(
                            SweepRequest.check(json, id, name -> Optional.ofNullable(sets.get(name)), api.settings()),
                            specification -> accept(request.tenant(), specification)));
        });
    }

    private CompletionStage<Map<String, DataSet>> named(Tenant tenant, JsonNode json) {
        CompletionStage<Map<String, DataSet>> found = CompletableFuture.completedStage(new TreeMap<>());
        for (var name : SweepRequest.dataSetNames(json)) {
            found = found.thenCompose(sets -> dataSets.find(tenant, name).thenApply(set -> {
                set.ifPresent(known -> sets.put(name, known));
                return sets;
            }));
        }
        return found;
    }

    private CompletionStage<ApiResponse> accept(Tenant tenant, SweepSpecification specification) {
        var id = specification.id();
        return api.written(api.sweep(tenant, id)
                        .<Sweep.ViewReply>ask(
                                replyTo -> new Sweep.Submit(specification.ownedBy(tenant.name()), replyTo),
                                api.patience()))
                .thenApply(reply -> reply.view().status() == SweepStatus.CANCELLED
                        ? new ApiResponse.Refused(ApiError.of(
                                ErrorKind.ALREADY_TERMINAL,
                                "a sweep that can go on was expected: " + id
                                        + " was cancelled; submit it under another id"))
                        : new ApiResponse.Accepted(SweepDocument.of(reply.view()), SWEEPS + "/" + id));
    }

    /** All sweeps, the youngest first, without their cells and jobs. */
    private CompletionStage<ApiResponse> list(Request request) {
        api.discard(request);
        return ReadModel.get(api.system())
                .entities(Sweep.TYPE.name())
                .thenCompose(ids -> {
                    CompletionStage<List<SweepDocument.Line>> lines =
                            CompletableFuture.completedStage(new ArrayList<>());
                    for (var id : ids.stream().filter(request.tenant()::owns).toList()) {
                        lines = lines.thenCombine(
                                api.sweepNamed(id).<Sweep.ViewReply>ask(Sweep.GetView::new, api.patience()),
                                (found, reply) -> {
                                    if (reply.view() != null) {
                                        found.add(SweepDocument.of(reply.view()).line());
                                    }
                                    return found;
                                });
                    }
                    return lines;
                })
                .thenApply(lines -> {
                    lines.sort(
                            Comparator.comparing(SweepDocument.Line::acceptedAt).reversed());
                    return new ApiResponse.Ok(new Listing(lines));
                });
    }

    private CompletionStage<ApiResponse> sweep(Request request) {
        return told(request, Sweep.GetView::new);
    }

    private CompletionStage<ApiResponse> told(
            Request request, Function<ActorRef<Sweep.ViewReply>, Sweep.Command> command) {
        return withId(
                request,
                id -> api.sweep(request.tenant(), id)
                        .<Sweep.ViewReply>ask(command::apply, api.patience())
                        .thenApply(reply ->
                                reply.view() == null ? unknown() : new ApiResponse.Ok(SweepDocument.of(reply.view()))));
    }

    /** One cell with its problems: the right answers, and where the job that serves it has got to. */
    private CompletionStage<ApiResponse> cell(Request request) {
        return withId(
                request,
                id -> api.sweep(request.tenant(), id)
                        .<Sweep.SpecificationReply>ask(Sweep.GetSpecification::new, api.patience())
                        .thenCompose(reply -> {
                            if (reply.specification() == null) {
                                return done(unknown());
                            }
                            var cell = reply.specification().plan().cells().stream()
                                    .filter(each -> each.id().equals(request.parameter("cell")))
                                    .findFirst();
                            return cell.isEmpty()
                                    ? done(ApiResponse.refused(
                                            ErrorKind.UNKNOWN_CELL,
                                            "a cell of the sweep was expected: it has none with this id"))
                                    : api.lines(cell.get().job(), Integer.MAX_VALUE)
                                            .thenApply(lines -> new ApiResponse.Ok(
                                                    CellDocument.of(reply.specification(), cell.get(), lines)));
                        }));
    }

    private CompletionStage<ApiResponse> events(Request request) {
        return withId(
                request,
                id -> api.sweep(request.tenant(), id)
                        .<Sweep.SpecificationReply>ask(Sweep.GetSpecification::new, api.patience())
                        .thenCombine(
                                api.sweep(request.tenant(), id)
                                        .<Sweep.ViewReply>ask(Sweep.GetView::new, api.patience()),
                                (known, reply) -> known.specification() == null || reply.view() == null
                                        ? unknown()
                                        : new ApiResponse.Events(EventStreamActor.source(
                                                api.system(),
                                                new SweepEventStream(api, known.specification(), reply.view()),
                                                EventStreamActor.PAUSE))));
    }

    private CompletionStage<ApiResponse> withId(Request request, Function<String, CompletionStage<ApiResponse>> then) {
        api.discard(request);
        var id = request.parameter("sweep");
        return SWEEP_ID.matcher(id).matches()
                ? then.apply(id)
                : done(ApiResponse.refused(
                        ErrorKind.INVALID_ID, "a sweep's id was expected in the path: this is none"));
    }

    private static ApiResponse unknown() {
        return ApiResponse.refused(ErrorKind.UNKNOWN_SWEEP, "the id of a sweep was expected: no sweep has this one");
    }
}
