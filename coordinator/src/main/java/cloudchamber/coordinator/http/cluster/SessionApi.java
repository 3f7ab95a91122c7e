package cloudchamber.coordinator.http.cluster;

import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.ApiKey;
import cloudchamber.coordinator.access.Caller;
import cloudchamber.coordinator.access.Credential;
import cloudchamber.coordinator.access.Keyring.Finding;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Guard;
import cloudchamber.coordinator.http.transport.Reading;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.journal.KeyStore.SessionRow;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The dashboard's log in: a key is shown once, and a cookie that no script can read stands for it. */
public final class SessionApi implements Resource {
    public static final String SESSION = "/api/v1/session";

    /**
     * Who asks.
     *
     * @param keyId empty where no key is needed
     * @param tenant its name
     */
    record Session(String keyId, String role, String tenant) {}

    private static final List<String> FIELDS = List.of("key");

    private final Api api;
    private final SecureRandom random = new SecureRandom();

    public SessionApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(SESSION, Access.OPEN, this::logIn),
                Route.get(SESSION, Access.READ, this::session),
                Route.delete(SESSION, Access.READ, this::logOut));
    }

    private CompletionStage<ApiResponse> logIn(Request request) {
        return api.withJson(
                request,
                json -> ifValid(
                        key(json),
                        text -> find(text).thenCompose(finding -> switch (finding) {
                            case Finding.Known(var caller) -> open(caller);
                            case Finding.Unknown unknown ->
                                done(new ApiResponse.Refused(Guard.challenge(
                                        ErrorKind.INVALID_KEY, "a key of this server was expected: this is none")));
                            case Finding.Over(var standing) -> done(new ApiResponse.Refused(Guard.over(standing)));
                        })));
    }

    private static Checked<String> key(JsonNode json) {
        var reading = new Reading();
        if (reading.isObject(json, "", FIELDS)) {
            if (json.has("key")) {
                var key = reading.text(json.get("key"), "/key", "");
                if (reading.count() == 0) {
                    return new Checked.Valid<>(key);
                }
            } else {
                reading.add(ErrorKind.MISSING_FIELD, "/key", "must be given: is missing");
            }
        }
        return new Checked.Invalid<>(ApiError.of(reading.faults()));
    }

    private CompletionStage<Finding> find(String text) {
        return ApiKey.parse(text.strip())
                .map(api.keyring()::find)
                .orElseGet(() -> CompletableFuture.completedStage(new Finding.Unknown()));
    }

    private CompletionStage<ApiResponse> open(Caller caller) {
        var token = ApiKey.randomText(random);
        var lifetime = api.settings().access().sessionLifetime();
        long now = System.currentTimeMillis();
        return api.keys()
                .addSession(new SessionRow(ApiKey.hash(token), caller.keyId(), now + lifetime.toMillis()), now)
                .thenApply(added -> {
                    api.keyring().forget();
                    return new ApiResponse.Session(
                            document(caller),
                            List.of(
                                    cookie(Credential.SESSION_COOKIE, token, lifetime) + "; HttpOnly",
                                    cookie(Credential.CSRF_COOKIE, Credential.csrfToken(token), lifetime)));
                });
    }

    private CompletionStage<ApiResponse> session(Request request) {
        api.discard(request);
        return done(new ApiResponse.Ok(document(request.caller())));
    }

    /** Ends the session the request came with, if it came with one. */
    private CompletionStage<ApiResponse> logOut(Request request) {
        api.discard(request);
        var ended = Credential.of(request.http()) instanceof Credential.Session(var token, var csrfToken)
                ? api.keys().removeSession(ApiKey.hash(token))
                : CompletableFuture.<Void>completedStage(null);
        return ended.thenApply(gone -> {
            api.keyring().forget();
            return new ApiResponse.Session(
                    document(request.caller()),
                    List.of(
                            cookie(Credential.SESSION_COOKIE, "", Duration.ZERO) + "; HttpOnly",
                            cookie(Credential.CSRF_COOKIE, "", Duration.ZERO)));
        });
    }

    private static Session document(Caller caller) {
        return new Session(caller.keyId(), caller.role().id(), caller.tenant().name());
    }

    /** No page of another site has it sent. */
    private String cookie(String name, String value, Duration age) {
        return name + "=" + value + "; Path=/; Max-Age=" + age.toSeconds() + "; SameSite=Strict"
                + (api.settings().access().tls().isPresent() ? "; Secure" : "");
    }
}
