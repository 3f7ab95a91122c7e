package cloudchamber.coordinator.http.cluster;

import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.KeyOrder;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** Keys: made, listed, revoked, by whoever has the role admin. */
public final class KeysApi implements Resource {
    static final String KEYS = "/api/v1/keys";

    /** Every key, oldest first, also those that are no longer valid. */
    record Listing(List<KeyDocument> keys) {}

    private static final List<String> FIELDS = List.of("name", "role", "tenant", "validForSeconds");
    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final Api api;
    private final SecureRandom random = new SecureRandom();

    public KeysApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(KEYS, Access.ADMIN, this::create),
                Route.get(KEYS, Access.ADMIN, this::list),
                Route.post(KEYS + "/{key}/revoke", Access.ADMIN, this::revoke));
    }

    private CompletionStage<ApiResponse> create(Request request) {
        return api.withJson(
                request,
                json -> ifValid(
                        order(json),
                        order -> api.keyring().isEmpty().thenCompose(first -> {
                            if (first) {
                                return done(ApiResponse.refused(
                                        ErrorKind.FORBIDDEN,
                                        "the first key must be made by whoever has the database, with ./cloudchamber"
                                                + " keys create, or given to the server in --bootstrap-key-file:"
                                                + " there is none yet, and whoever asks is not known"));
                            }
                            var issued = order.issue(random, System.currentTimeMillis());
                            return api.keys().add(issued.row()).thenApply(added -> {
                                api.keyring().forget();
                                return new ApiResponse.Created(
                                        KeyDocument.of(issued),
                                        KEYS + "/" + issued.row().id());
                            });
                        })));
    }

    private static Checked<KeyOrder> order(JsonNode json) {
        var reading = new Reading();
        if (!reading.isObject(json, "", FIELDS)) {
            return new Checked.Invalid<>(ApiError.of(reading.faults()));
        }
        var name = json.has("name") ? reading.text(json.get("name"), "/name", "") : "";
        var tenant = json.has("tenant")
                ? reading.text(json.get("tenant"), "/tenant", Tenant.DEFAULT.name())
                : Tenant.DEFAULT.name();
        if (!json.has("role")) {
            reading.add(ErrorKind.MISSING_FIELD, "/role", "must be one of " + KeyRole.ids() + ": is missing");
        }
        var role = json.has("role")
                ? reading.id(json.get("role"), "/role", KeyRole.ids(), KeyRole.READ.id())
                : KeyRole.READ.id();
        var validFor = json.has("validForSeconds")
                ? Optional.of(Duration.ofSeconds(reading.wholeNumber(
                        json.get("validForSeconds"), "/validForSeconds", 1, KeyOrder.MAX_VALIDITY.toSeconds(), 1)))
                : Optional.<Duration>empty();
        var order = reading.count() > 0
                ? null
                : reading.checked(
                        ErrorKind.OUT_OF_RANGE,
                        "",
                        null,
                        () -> new KeyOrder(name, KeyRole.byId(role).orElseThrow(), tenant, validFor));
        return order == null ? new Checked.Invalid<>(ApiError.of(reading.faults())) : new Checked.Valid<>(order);
    }

    private CompletionStage<ApiResponse> list(Request request) {
        api.discard(request);
        long now = System.currentTimeMillis();
        return api.keys()
                .keys()
                .thenApply(keys -> new ApiResponse.Ok(new Listing(
                        keys.stream().map(key -> KeyDocument.of(key, now)).toList())));
    }

    private CompletionStage<ApiResponse> revoke(Request request) {
        api.discard(request);
        var id = request.parameter("key");
        if (!KEY_ID.matcher(id).matches()) {
            return done(ApiResponse.refused(ErrorKind.INVALID_ID, "a key's id was expected in the path: this is none"));
        }
        long now = System.currentTimeMillis();
        return api.keys().revoke(id, now).thenApply(key -> {
            api.keyring().forget();
            return key.<ApiResponse>map(row -> new ApiResponse.Ok(KeyDocument.of(row, now)))
                    .orElseGet(() -> ApiResponse.refused(
                            ErrorKind.UNKNOWN_KEY, "the id of a key was expected: no key has this one"));
        });
    }
}
