package cloudchamber.coordinator.http.cluster;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** What Prometheus scrapes. */
public final class MetricsApi implements Resource {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Api api;
    private final ActorRef<Meters.Command> meters;

    public MetricsApi(Api api, ActorRef<Meters.Command> meters) {
        this.api = api;
        this.meters = meters;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/metrics", Access.READ, this::scrape));
    }

    private CompletionStage<ApiResponse> scrape(Request request) {
        api.discard(request);
        return api.dispatch()
                .thenCompose(status -> AskPattern.<Meters.Command, Meters.Scraped>ask(
                        meters,
                        replyTo -> new Meters.Scrape(status, replyTo),
                        api.patience(),
                        api.system().scheduler()))
                .thenApply(scraped -> new ApiResponse.Text(PROMETHEUS_TEXT, scraped.text()));
    }
}
