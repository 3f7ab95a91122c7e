package cloudchamber.coordinator.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** What a request shows of who sends it. */
public sealed interface Credential {
    record None() implements Credential {}

    /** @param detail expected, then seen; without what was shown */
    record Malformed(String detail) implements Credential {}

    record Key(ApiKey key) implements Credential {}

    /**
     * A browser that has logged in.
     *
     * @param token the cookie's value
     * @param csrfToken the header's value; empty if there is none
     */
    record Session(String token, String csrfToken) implements Credential {}

    String SESSION_COOKIE = "cloudchamber-session";
    String CSRF_COOKIE = "cloudchamber-csrf";
    String CSRF_HEADER = "X-CSRF-Token";

    Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");
    /** The names under which other APIs take keys in a URL. */
    Set<String> NAMES_IN_URLS = Set.of("key", "api_key", "apikey", "api-key", "access_token", "token");

    /** A key in the header goes before a session's cookie. */
    static Credential of(HttpRequest request) {
        var shown = StreamSupport.stream(request.getHeaders().spliterator(), false)
                .filter(header -> header.is("authorization"))
                .map(header -> header.value())
                .toList();
        if (shown.size() > 1) {
            return new Malformed("one Authorization header was expected: there were " + shown.size());
        }
        if (!shown.isEmpty()) {
            var parts = shown.getFirst().trim().split(" +", 2);
            return parts.length == 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer")
                    ? ApiKey.parse(parts[1].trim())
                            .<Credential>map(Key::new)
                            .orElseGet(() -> new Malformed("a key must be cck_ and 43 letters, digits, hyphens or"
                                    + " underscores: was another text"))
                    : new Malformed("Authorization must be Bearer and a key: was of another kind");
        }
        return cookie(request, SESSION_COOKIE)
                .<Credential>map(token -> TOKEN.matcher(token).matches()
                        ? new Session(
                                token,
                                request.getHeader(CSRF_HEADER)
                                        .map(header -> header.value())
                                        .orElse(""))
                        : new Malformed("the session's cookie must be one of this server's: was another text"))
                .orElseGet(None::new);
    }

    private static Optional<String> cookie(HttpRequest request, String name) {
        for (var header : request.getHeaders()) {
            if (header.is("cookie")) {
                for (var pair : header.value().split(";")) {
                    var parts = pair.trim().split("=", 2);
                    if (parts.length == 2 && parts[0].equals(name)) {
                        return Optional.of(parts[1]);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Whether a key stands in the URL, where every log and every browser keeps it. */
    static boolean isInUrl(HttpRequest request) {
        var uri = request.getUri();
        return ApiKey.PATTERN.matcher(uri.toString()).find()
                || uri.query().toList().stream()
                        .anyMatch(pair -> NAMES_IN_URLS.contains(pair.first().toLowerCase(Locale.ROOT)));
    }

    /** What a page of ours sends back in a header to show that it has read its cookie: it follows from the session's. */
    static String csrfToken(String sessionToken) {
        return ApiKey.hash("csrf " + sessionToken);
    }

    /** Whether the session's own page has sent the request. */
    static boolean isOwnPage(Session session) {
        return MessageDigest.isEqual(
                csrfToken(session.token()).getBytes(StandardCharsets.UTF_8),
                session.csrfToken().getBytes(StandardCharsets.UTF_8));
    }
}
