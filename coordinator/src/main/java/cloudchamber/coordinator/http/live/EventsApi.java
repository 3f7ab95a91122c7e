package cloudchamber.coordinator.http.live;

import static cloudchamber.coordinator.http.api.Api.JOBS;
import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.Reply;
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

    private CompletionStage<Reply> overview(Request request) {
        api.discard(request);
        return done(new Reply.Events(Feed.source(api.system(), new OverviewStory(overview), Feed.PAUSE)));
    }

    private CompletionStage<Reply> job(Request request) {
        return api.withJob(
                request,
                job -> api.lines(job.id(), JobStory.MAX_LINES)
                        .thenApply(lines -> new Reply.Events(jobs.of(job, lines))));
    }

    private CompletionStage<Reply> problem(Request request) {
        return api.withProblem(
                request,
                (job, line) -> done(new Reply.Events(Feed.source(
                        api.system(),
                        new ProblemStory(api, job, line, request.header("Last-Event-ID")),
                        Duration.ZERO))));
    }
}
