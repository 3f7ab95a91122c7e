package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.dashboard.Dashboard;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The dashboard's files, a route each. They hold nothing secret: what they show is asked for with a key. */
final class DashboardFiles implements Resource {
    private final Api api;

    DashboardFiles(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return Dashboard.files().stream()
                .map(file -> Route.get(file.path(), Access.OPEN, request -> answer(file, request)))
                .toList();
    }

    private CompletionStage<ApiResponse> answer(Dashboard.File file, Request request) {
        api.discard(request);
        return done(new ApiResponse.File(
                file,
                request.header("If-None-Match").filter(file.etag()::equals).isPresent()));
    }
}
