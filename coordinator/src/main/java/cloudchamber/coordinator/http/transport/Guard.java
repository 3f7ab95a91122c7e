package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.Caller;
import cloudchamber.coordinator.access.Credential;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.access.Keyring;
import cloudchamber.coordinator.access.Keyring.Finding;
import cloudchamber.coordinator.access.Quotas;
import cloudchamber.coordinator.access.TenantUse;
import cloudchamber.coordinator.journal.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** Lets requests in: who asks, whether they may, whether it is too much, and what they may see. */
public final class Guard {

    /** Whether a request goes on to its route. */
    sealed interface Admission {
        /** @param slot to be given back when the request was answered */
        record Admitted(Caller caller, Quotas.Slot slot) implements Admission {}

        record Refused(ApiError error) implements Admission {}
    }

    private sealed interface Identity {
        record Known(Caller caller) implements Identity {}

        record Unidentified(ApiError error) implements Identity {}
    }

    /**
     * Stands for the id of what is another tenant's, so that it is answered as one nobody has. No id is made like it.
     */
    private static final String NOBODYS = "nobodys";

    private static final String JOB = "job";
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(2);
    private static final long MILLIS_A_SECOND = 1000;

    private final boolean alwaysAsks;
    private final Keyring keyring;
    private final Quotas quotas;
    private final KeyStore store;

    /**
     * @param alwaysAsks whether a key is needed even while none was made
     */
    public Guard(boolean alwaysAsks, Keyring keyring, Quotas quotas, KeyStore store) {
        this.alwaysAsks = alwaysAsks;
        this.keyring = keyring;
        this.quotas = quotas;
        this.store = store;
    }

    CompletionStage<Admission> admit(HttpRequest request, Access access) {
        if (access == Access.OPEN) {
            return CompletableFuture.completedStage(new Admission.Admitted(Caller.ANYBODY, new Quotas.Slot(() -> {})));
        }
        return identify(request).thenCompose(identity -> switch (identity) {
            case Identity.Unidentified(var error) -> refused(error);
            case Identity.Known(var caller) ->
                caller.role().allows(access)
                        ? withinLimits(caller, access == Access.SUBMIT && isPost(request))
                        : refused(forbidden(caller.role(), access));
        });
    }

    // ---- who

    /**
     * While there are no keys, it does not matter what a client sends for one: OpenAI's clients always send something,
     * and browsers keep their cookies.
     */
    private CompletionStage<Identity> identify(HttpRequest request) {
        return shown(request).thenCompose(identity -> switch (identity) {
            case Identity.Known known -> CompletableFuture.completedStage(known);
            case Identity.Unidentified stranger ->
                alwaysAsks
                        ? CompletableFuture.completedStage(stranger)
                        : keyring.isEmpty().thenApply(empty -> empty ? new Identity.Known(Caller.ANYBODY) : stranger);
        });
    }

    private CompletionStage<Identity> shown(HttpRequest request) {
        return switch (Credential.of(request)) {
            case Credential.None none -> stranger(missing());
            case Credential.Malformed(var detail) -> stranger(challenge(ErrorKind.INVALID_KEY, detail));
            case Credential.Key(var key) -> keyring.find(key).thenApply(Guard::identity);
            case Credential.Session session -> {
                var method = request.method();
                yield method.equals(HttpMethods.GET) || method.equals(HttpMethods.HEAD) || Credential.isOwnPage(session)
                        ? keyring.findSession(session.token()).thenApply(Guard::identity)
                        : stranger(ApiError.of(
                                ErrorKind.CSRF_TOKEN,
                                Credential.CSRF_HEADER + " must be the value of the cookie " + Credential.CSRF_COOKIE
                                        + ", for the request came with a session: was not"));
            }
        };
    }

    private static CompletionStage<Identity> stranger(ApiError error) {
        return CompletableFuture.completedStage(new Identity.Unidentified(error));
    }

    private static Identity identity(Finding finding) {
        return switch (finding) {
            case Finding.Known(var caller) -> new Identity.Known(caller);
            case Finding.Unknown unknown ->
                new Identity.Unidentified(challenge(
                        ErrorKind.INVALID_KEY, "a key or a session of this server was expected: this is none"));
            case Finding.Over(var standing) -> new Identity.Unidentified(over(standing));
        };
    }

    private static ApiError missing() {
        return challenge(ErrorKind.MISSING_KEY, "Authorization: Bearer and a key was expected: there was none");
    }

    public static ApiError over(Keyring.Standing standing) {
        return standing == Keyring.Standing.REVOKED
                ? challenge(ErrorKind.REVOKED_KEY, "a key that is valid was expected: this one was revoked")
                : challenge(ErrorKind.EXPIRED_KEY, "a key that is valid was expected: this one has expired");
    }

    /** As RFC 6750 has it. */
    public static ApiError challenge(ErrorKind kind, String detail) {
        var error = kind == ErrorKind.MISSING_KEY ? "invalid_request" : "invalid_token";
        return ApiError.of(kind, detail)
                .withHeader(
                        "WWW-Authenticate",
                        "Bearer realm=\"cloudchamber\", error=\"" + error + "\", error_description=\"" + kind.title()
                                + "\"");
    }

    private static ApiError forbidden(KeyRole role, Access access) {
        var needed = access.name().toLowerCase(Locale.ROOT);
        return ApiError.of(ErrorKind.FORBIDDEN, "the key must have the role " + needed + ": has " + role.id())
                .withHeader(
                        "WWW-Authenticate",
                        "Bearer realm=\"cloudchamber\", error=\"insufficient_scope\", scope=\"" + needed + "\"");
    }

    // ---- how much

    private CompletionStage<Admission> withinLimits(Caller caller, boolean spends) {
        return quotas.admit(caller, spends).thenApply(outcome -> switch (outcome) {
            case Quotas.Outcome.Admitted(var slot) -> new Admission.Admitted(caller, slot);
            case Quotas.Outcome.Refused(var decision) -> new Admission.Refused(tooMuch(decision));
        });
    }

    private static ApiError tooMuch(TenantUse.Decision.Refused refused) {
        var seconds = Long.toString(Math.ceilDiv(refused.retryMillis(), MILLIS_A_SECOND));
        return ApiError.of(
                        ErrorKind.QUOTA,
                        "the tenant may have " + refused.limit() + " "
                                + refused.by().unit() + ": there are as many")
                .withHeaders(Map.of(
                        "Retry-After",
                        seconds,
                        "RateLimit-Limit",
                        Long.toString(refused.limit()),
                        "RateLimit-Remaining",
                        "0",
                        "RateLimit-Reset",
                        seconds));
    }

    private static boolean isPost(HttpRequest request) {
        return request.method().equals(HttpMethods.POST);
    }

    private static CompletionStage<Admission> refused(ApiError error) {
        return CompletableFuture.completedStage(new Admission.Refused(error));
    }

    // ---- what

    /** What the segments of the path stand for to the caller: another tenant's job is nobody's. */
    CompletionStage<Map<String, String>> seenBy(Caller caller, Map<String, String> parameters) {
        var job = parameters.get(JOB);
        if (job == null || !PathIds.isJob(job) || !caller.known()) {
            return CompletableFuture.completedStage(parameters);
        }
        return store.tenantOf(job).thenApply(tenant -> {
            if (tenant.isEmpty() || tenant.get().equals(caller.tenant().name())) {
                return parameters;
            }
            var seen = new HashMap<>(parameters);
            seen.put(JOB, NOBODYS);
            return Map.copyOf(seen);
        });
    }

    /** The same for as long as the caller's key is valid. */
    Source<ByteString, NotUsed> whileValid(Caller caller, Source<ByteString, NotUsed> stream) {
        if (!caller.known()) {
            return stream;
        }
        var watch = Source.tick(WATCH_INTERVAL, WATCH_INTERVAL, NotUsed.getInstance())
                .mapAsync(1, tick -> keyring.holds(caller).exceptionally(unreadable -> false))
                .takeWhile(valid -> valid)
                .filterNot(valid -> valid)
                .map(never -> ByteString.emptyByteString())
                .mapMaterializedValue(cancellable -> NotUsed.getInstance());
        return stream.merge(watch, true);
    }
}
