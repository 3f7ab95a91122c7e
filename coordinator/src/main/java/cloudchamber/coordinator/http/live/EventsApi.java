package cloudchamber.coordinator.http.live;

import static cloudchamber.coordinator.http.api.Api.JOBS;
import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;

/** What happens, as server-sent events. */
public final class EventsApi implements Resource {
    private final Api api;
    private final ActorRef<Overview.Command> overview;
    private final JobStreams jobs;

    public EventsApi(Api api, ActorRef<Overview.Command> overview) {
        this.api = api;
        this.overview = overview;
        this.jobs = new JobStreams(api);
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/events", Access.READ, this::overview),
                Route.get(JOBS + "/{job}/events", Access.READ, this::job),
                Route.get(JOBS + "/{job}/problems/{problem}/events", Access.READ, this::problem));
    }

    private CompletionStage<ApiResponse> overview(Request request) {
        api.discard(request);
        return done(new ApiResponse.Events(
                EventStreamActor.source(api.system(), new OverviewEventStream(overview), EventStreamActor.PAUSE)));
    }

    private CompletionStage<ApiResponse> job(Request request) {
        return api.withJob(
                request,
                job -> api.lines(job.id(), JobEventStream.MAX_LINES)
                        .thenApply(lines -> new ApiResponse.Events(jobs.of(job, lines))));
    }

    private CompletionStage<ApiResponse> problem(Request request) {
        return api.withProblem(
                request,
                (job, line) -> done(new ApiResponse.Events(EventStreamActor.source(
                        api.system(),
                        new ProblemEventStream(api, job, line, request.header("Last-Event-ID")),
                        Duration.ZERO))));
    }
}
