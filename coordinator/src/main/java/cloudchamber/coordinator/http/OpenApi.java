package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the API is, in its own words: {@code openapi.yaml}, served as JSON. */
final class OpenApi implements Resource {
    static final String PATH = "/openapi.json";

    private static final String SOURCE = "openapi.yaml";

    private final Api api;
    private final ApiResponse document = new ApiResponse.Text("application/json", Json.write(document()));

    OpenApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get(PATH, Access.READ, this::document));
    }

    private CompletionStage<ApiResponse> document(Request request) {
        api.discard(request);
        return done(document);
    }

    /** The document as maps, lists and plain values. */
    static Object document() {
        try (var source = OpenApi.class.getResourceAsStream(SOURCE)) {
            if (source == null) {
                throw new IllegalStateException("the API must have its description [" + SOURCE + "]: has not");
            }
            return new Load(LoadSettings.builder().setLabel(SOURCE).build()).loadFromInputStream(source);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
