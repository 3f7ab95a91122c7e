package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Client.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.access.ApiKey;
import cloudchamber.coordinator.access.KeyOrder;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.dashboard.Dashboard;
import cloudchamber.coordinator.http.transport.Router;
import cloudchamber.coordinator.journal.KeyStore;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Who may ask for what, over a socket: every route, every role, two tenants. */
class AccessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String JOB = """
            {"problems":[{"question":"Evaluate 3 + 4."}],"method":{"particles":4}}""";
    private static final String SWEEP = """
            {"id":"s1","dataSets":["sums"],"policies":["bundled"],"prms":["bundled"],"methods":["greedy"],
             "seeds":[1]}""";

    private static TestNode node;
    private static ServerBinding server;
    private static Client client;
    private static KeyStore keys;
    private static final Map<KeyRole, String> RED = new EnumMap<>(KeyRole.class);
    private static String blue;

    @BeforeAll
    static void start() throws Exception {
        node = new TestNode("access");
        server = node.serve(node.settings(PATIENCE), node.dispatcher());
        client = new Client(server);
        keys = KeyStore.get(node.kit().system());
        for (var role : KeyRole.values()) {
            RED.put(role, key(role, "red").text().value());
        }
        blue = key(KeyRole.ADMIN, "blue").text().value();
        await().atMost(PATIENCE).until(() -> client.get("/readyz").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    private static KeyOrder.Issued issued(KeyRole role, String tenant) {
        return new KeyOrder("test", role, tenant, Optional.empty()).issue(RANDOM, System.currentTimeMillis());
    }

    private static ApiKey key(KeyRole role, String tenant) throws Exception {
        return kept(issued(role, tenant)).key();
    }

    /** Keeps the key, as another node does: this one comes to know it. */
    private static KeyOrder.Issued kept(KeyOrder.Issued issued) throws Exception {
        keys.add(issued.row()).toCompletableFuture().get();
        var key = issued.key().text().value();
        await().atMost(PATIENCE)
                .until(() -> !client.get("/api/v1/session", bearer(key)).body().contains("invalid-key"));
        return issued;
    }

    private static String[] bearer(String key) {
        return new String[] {"Authorization", "Bearer " + key};
    }

    /** A request of the route with something in place of what its path leaves open. */
    private static HttpResponse<InputStream> ask(Router.Route route, String path, String... headers) throws Exception {
        return client.send(
                client.request(path, headers).method(route.method().value(), BodyPublishers.noBody()),
                BodyHandlers.ofInputStream());
    }

    private static String filled(Router.Route route) {
        return route.path().replaceAll("\\{\\w+}", "x1");
    }

    private static List<Router.Route> guarded() {
        return node.routes().stream()
                .filter(route -> route.access() != Access.OPEN)
                .toList();
    }

    // ---- from a page of another site

    @Test
    void whatChangesSomethingIsRefusedFromAPageOfAnotherSite() throws Exception {
        var own = "http://127.0.0.1:" + server.localAddress().getPort();
        var key = "Bearer " + RED.get(KeyRole.ADMIN);
        for (var route : node.routes()) {
            if (route.method().equals(HttpMethods.GET)) {
                continue;
            }
            for (var foreign : List.of(
                    List.of("Origin", "http://evil.example"),
                    List.of("Origin", "null"),
                    List.of("Origin", "http://127.0.0.1:1"),
                    List.of("Sec-Fetch-Site", "cross-site"),
                    List.of("Sec-Fetch-Site", "same-site", "Origin", own))) {
                var headers = new ArrayList<>(List.of("Authorization", key));
                headers.addAll(foreign);
                var refused = ask(route, filled(route), headers.toArray(String[]::new));
                assertThat(refused.statusCode()).as(route + " " + foreign).isEqualTo(403);
                assertThat(new String(refused.body().readAllBytes(), StandardCharsets.UTF_8))
                        .containsPattern("foreign.origin");
            }
        }
        var job = List.of("Authorization", key, "Origin", own);
        assertThat(client.post("/api/v1/jobs", JOB, job.toArray(String[]::new)).statusCode())
                .isEqualTo(202);
        assertThat(client.post("/api/v1/jobs", JOB, "Authorization", key, "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .isEqualTo(202);
    }

    // ---- without a key

    @Test
    void onlyTheProbesTheLogInAndThePagesFilesAreOpen() throws Exception {
        var files = Dashboard.files().stream().map(Dashboard.File::path).toList();
        var open = node.routes().stream()
                .filter(route -> route.access() == Access.OPEN && !files.contains(route.path()))
                .map(route -> route.method().value() + " " + route.path())
                .toList();

        assertThat(open).containsExactlyInAnyOrder("GET /livez", "GET /readyz", "POST /api/v1/session");
        assertThat(client.get("/livez").statusCode()).isEqualTo(200);
        assertThat(client.get("/").statusCode()).isEqualTo(200);
    }

    @Test
    void everyOtherRouteNeedsAKeyThatIsGood() throws Exception {
        long now = System.currentTimeMillis();
        var expired = kept(new KeyOrder("test", KeyRole.ADMIN, "red", Optional.of(Duration.ofSeconds(1)))
                .issue(RANDOM, now - 2000));
        var revoked = kept(issued(KeyRole.ADMIN, "red"));
        keys.revoke(revoked.row().id(), now).toCompletableFuture().get();
        await().atMost(PATIENCE)
                .until(() -> client.get(
                                        "/api/v1/session",
                                        bearer(revoked.key().text().value()))
                                .statusCode()
                        == 401);
        var strangers = Map.of(
                "missing-key",
                new String[0],
                "invalid-key",
                bearer(ApiKey.random(RANDOM).text().value()),
                "expired-key",
                bearer(expired.key().text().value()),
                "revoked-key",
                bearer(revoked.key().text().value()));

        assertThat(guarded()).hasSizeGreaterThan(25);
        for (var route : guarded()) {
            for (var stranger : strangers.entrySet()) {
                var answer = ask(route, filled(route), stranger.getValue());
                var body = new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer.statusCode()).as(route.path() + " " + body).isEqualTo(401);
                assertThat(body)
                        .contains("\""
                                + (route.path().startsWith("/v1/")
                                        ? stranger.getKey().replace('-', '_')
                                        : stranger.getKey())
                                + "\"");
                assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                        .startsWith("Bearer ")
                        .contains("error=\"");
            }
        }
    }

    @Test
    void whatIsNoKeyIsRefused() throws Exception {
        for (var header : List.of("Basic dXNlcjpwYXNz", "Bearer", "Bearer x", "Bearer cck_short", "cck_", "")) {
            var answer = client.get("/api/v1/jobs", "Authorization", header);
            assertThat(answer.statusCode()).as(header).isEqualTo(401);
            assertThat(json(answer).get("code").textValue()).as(header).isIn("invalid-key", "missing-key");
        }
    }

    @Test
    void aKeyInTheUrlIsRefusedEvenIfItIsGood() throws Exception {
        for (var path : List.of(
                "/api/v1/jobs?key=x",
                "/v1/models?api_key=x",
                "/metrics?access_token=x",
                "/api/v1/jobs?label=" + blue,
                "/livez?" + blue,
                "/api/v1/jobs/" + blue)) {
            var answer = client.get(path, bearer(blue));
            assertThat(answer.statusCode()).as(path).isEqualTo(400);
            assertThat(answer.body()).containsAnyOf("key-in-url", "key_in_url");
        }
    }

    // ---- roles

    @Test
    void everyRouteAsksForItsRoleAndNoMore() throws Exception {
        for (var route : guarded()) {
            for (var role : KeyRole.values()) {
                var answer = ask(route, filled(route), bearer(RED.get(role)));
                var name = role + " " + route.method().value() + " " + route.path();
                try (var body = answer.body()) {
                    if (role.ordinal() + 1 < route.access().ordinal()) {
                        assertThat(answer.statusCode()).as(name).isEqualTo(403);
                        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                                .contains("Bearer realm=\"cloudchamber\", error=\"insufficient_scope\", scope=\""
                                        + route.access().name().toLowerCase(Locale.ROOT) + "\"");
                        assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                                .contains("\"forbidden\"");
                    } else {
                        assertThat(answer.statusCode()).as(name).isNotIn(401, 403, 500);
                    }
                }
            }
        }
    }

    @Test
    void theOpenAiClientsErrorIsTheirs() throws Exception {
        var answer = client.get("/v1/models");

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(json(answer).at("/error/type").textValue()).isEqualTo("authentication_error");
        assertThat(client.get("/v1/models", bearer(RED.get(KeyRole.READ))).statusCode())
                .isEqualTo(200);
    }

    // ---- tenants

    @Test
    void whatIsAnotherTenantsIsAsIfItWereNotThere() throws Exception {
        var red = bearer(RED.get(KeyRole.SUBMIT));
        var job = json(client.post("/api/v1/jobs", JOB, red)).get("id").textValue();
        var registered = client.send(
                client.request("/api/v1/datasets?name=sums", red)
                        .header("Content-Type", "application/x-ndjson")
                        .POST(BodyPublishers.ofString(
                                "{\"id\":\"a\",\"question\":\"Evaluate 3 + 4.\",\"answer\":\"7\"}\n")),
                BodyHandlers.ofString());
        assertThat(registered.statusCode()).as(registered.body()).isEqualTo(200);
        var submitted = client.post("/api/v1/sweeps", SWEEP, red);
        assertThat(submitted.statusCode()).as(submitted.body()).isEqualTo(202);
        var cell = json(submitted).at("/cells/0/id").textValue();
        var sweepsJob = json(submitted).at("/jobs/0/id").textValue();
        await().atMost(PATIENCE)
                .until(() -> json(client.get("/api/v1/jobs/" + job, red))
                        .path("status")
                        .asText()
                        .equals("succeeded"));
        await().atMost(PATIENCE)
                .until(() -> client.get("/api/v1/jobs/" + sweepsJob, red).statusCode() == 200);
        var known = Map.of("{job}", job, "{problem}", "p1", "{sweep}", "s1", "{cell}", cell, "{dataSet}", "sums");
        var unknown = Map.of("{job}", "job-0", "{problem}", "p1", "{sweep}", "s0", "{cell}", cell, "{dataSet}", "none");
        var routes = node.routes().stream()
                .filter(route -> known.keySet().stream().anyMatch(route.path()::contains))
                .toList();

        assertThat(routes).hasSizeGreaterThan(15);
        for (var route : routes) {
            var foreign = seen(route, known);
            assertThat(foreign).as(route.path()).isEqualTo(seen(route, unknown)).startsWith("404 ");
        }
        // None of it was changed, and it is there for its own.
        for (var route : routes) {
            if (route.access() == Access.READ) {
                var own = ask(route, with(route, known), red);
                assertThat(own.statusCode()).as(route.path()).isEqualTo(200);
                own.body().close();
            }
        }
        assertThat(client.get("/api/v1/jobs/" + sweepsJob, bearer(blue)).statusCode())
                .isEqualTo(404);
    }

    private static String with(Router.Route route, Map<String, String> ids) {
        var path = route.path();
        for (var id : ids.entrySet()) {
            path = path.replace(id.getKey(), id.getValue());
        }
        return path;
    }

    /** What blue sees: the status and the body without what names the request. */
    private static String seen(Router.Route route, Map<String, String> ids) throws Exception {
        var answer = ask(route, with(route, ids), bearer(blue));
        var body = (ObjectNode) new ObjectMapper().readTree(answer.body());
        body.remove(List.of("instance", "requestId"));
        return answer.statusCode() + " " + body + " "
                + answer.headers().map().keySet().stream().sorted().toList();
    }

    @Test
    void listsHaveTheTenantsOwnAlone() throws Exception {
        var green = bearer(key(KeyRole.SUBMIT, "green").text().value());
        var yellow = bearer(key(KeyRole.SUBMIT, "yellow").text().value());
        var job = json(client.post("/api/v1/jobs", JOB, green)).get("id").textValue();

        assertThat(json(client.get("/api/v1/jobs", green)).at("/jobs")).hasSize(1);
        assertThat(json(client.get("/api/v1/jobs", yellow)).at("/jobs")).isEmpty();
        client.post("/api/v1/jobs", JOB, yellow);
        assertThat(json(client.get("/api/v1/jobs?after=" + job, yellow)).at("/jobs"))
                .isEmpty();
        assertThat(json(client.get("/api/v1/datasets", yellow)).at("/dataSets")).isEmpty();
        assertThat(json(client.get("/api/v1/sweeps", yellow)).at("/sweeps")).isEmpty();
    }

    @Test
    void twoTenantsMayUseOneIdempotencyKey() throws Exception {
        var green = client.post("/api/v1/jobs", JOB, with(bearer(blue), "Idempotency-Key", "k"));
        var again = client.post("/api/v1/jobs", JOB, with(bearer(blue), "Idempotency-Key", "k"));
        var other = client.post(
                "/api/v1/jobs", JOB.replace('3', '5'), with(bearer(RED.get(KeyRole.SUBMIT)), "Idempotency-Key", "k"));

        assertThat(json(again).get("id")).isEqualTo(json(green).get("id"));
        assertThat(other.statusCode()).as(other.body()).isEqualTo(202);
        assertThat(json(other).get("id")).isNotEqualTo(json(green).get("id"));
    }

    private static String[] with(String[] headers, String... more) {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    // ---- keys

    @Test
    void keysAreMadeListedAndRevoked() throws Exception {
        var admin = bearer(RED.get(KeyRole.ADMIN));
        var made = client.post("/api/v1/keys", "{\"role\":\"read\",\"name\":\"night\",\"tenant\":\"red\"}", admin);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        var key = json(made).get("key").textValue();
        var id = json(made).get("id").textValue();
        assertThat(key).matches(ApiKey.PATTERN);
        assertThat(made.headers().firstValue("Location")).contains("/api/v1/keys/" + id);
        assertThat(client.get("/api/v1/jobs", bearer(key)).statusCode()).isEqualTo(200);

        var listed = client.get("/api/v1/keys", admin);
        assertThat(listed.body()).contains(id).doesNotContain("cck_");

        var revoked = client.post("/api/v1/keys/" + id + "/revoke", "", admin);
        assertThat(json(revoked).get("status").textValue()).isEqualTo("revoked");
        await().atMost(PATIENCE)
                .until(() -> client.get("/api/v1/jobs", bearer(key)).statusCode() == 401);
        assertThat(client.post("/api/v1/keys/key-none/revoke", "", admin).statusCode())
                .isEqualTo(404);
    }

    @Test
    void whatIsWrongWithAKeyIsSaid() throws Exception {
        var admin = bearer(RED.get(KeyRole.ADMIN));
        for (var body : List.of(
                "{}",
                "{\"role\":\"root\"}",
                "{\"role\":\"read\",\"tenant\":\"A b\"}",
                "{\"role\":\"read\",\"validForSeconds\":0}",
                "{\"role\":\"read\",\"id\":\"key-mine\"}",
                "{\"role\":\"read\",\"name\":\"" + "n".repeat(101) + "\"}")) {
            assertThat(client.post("/api/v1/keys", body, admin).statusCode())
                    .as(body)
                    .isEqualTo(400);
        }
    }

    @Test
    void aStreamEndsWithItsKey() throws Exception {
        var issued = kept(issued(KeyRole.READ, "red"));
        try (var events =
                client.events("/api/v1/events", bearer(issued.key().text().value()))) {
            events.next();
            keys.revoke(issued.row().id(), System.currentTimeMillis())
                    .toCompletableFuture()
                    .get();
            events.rest();
        }
        await().atMost(PATIENCE)
                .until(() ->
                        client.get("/api/v1/cluster", bearer(issued.key().text().value()))
                                        .statusCode()
                                == 401);
    }

    // ---- sessions

    @Test
    void aBrowserLogsInOnceAndShowsItsTokenWhereItChangesSomething() throws Exception {
        var issued = kept(issued(KeyRole.SUBMIT, "red"));
        var in = client.post(
                "/api/v1/session", "{\"key\":\"" + issued.key().text().value() + "\"}");
        assertThat(in.statusCode()).as(in.body()).isEqualTo(200);
        var cookies = in.headers().allValues("Set-Cookie").stream()
                .collect(Collectors.toMap(cookie -> cookie.substring(0, cookie.indexOf('=')), cookie -> cookie));
        assertThat(cookies.get("cloudchamber-session")).contains("; HttpOnly", "; SameSite=Strict", "; Path=/");
        assertThat(cookies.get("cloudchamber-csrf"))
                .contains("; SameSite=Strict")
                .doesNotContain("HttpOnly");
        var session = value(cookies.get("cloudchamber-session"));
        var csrf = value(cookies.get("cloudchamber-csrf"));
        var cookie = new String[] {"Cookie", "cloudchamber-session=" + session + "; cloudchamber-csrf=" + csrf};

        assertThat(client.get("/api/v1/jobs", cookie).statusCode()).isEqualTo(200);
        assertThat(json(client.get("/api/v1/session", cookie)).get("tenant").textValue())
                .isEqualTo("red");
        var forged = client.post("/api/v1/jobs", JOB, cookie);
        assertThat(forged.statusCode()).isEqualTo(403);
        assertThat(json(forged).get("code").textValue()).isEqualTo("csrf-token");
        assertThat(client.post("/api/v1/jobs", JOB, with(cookie, "X-CSRF-Token", "0".repeat(64)))
                        .statusCode())
                .isEqualTo(403);
        assertThat(client.post("/api/v1/jobs", JOB, with(cookie, "X-CSRF-Token", csrf))
                        .statusCode())
                .isEqualTo(202);

        var out = client.send(
                client.request("/api/v1/session", with(cookie, "X-CSRF-Token", csrf))
                        .DELETE(),
                BodyHandlers.ofString());
        assertThat(out.headers().allValues("Set-Cookie")).allMatch(gone -> gone.contains("Max-Age=0"));
        await().atMost(PATIENCE).until(() -> client.get("/api/v1/jobs", cookie).statusCode() == 401);
    }

    @Test
    void nobodyLogsInWithAKeyThatIsNotGood() throws Exception {
        var unknown = ApiKey.random(RANDOM).text().value();
        for (var body : List.of("{\"key\":\"" + unknown + "\"}", "{\"key\":\"x\"}")) {
            var answer = client.post("/api/v1/session", body);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
        }
        assertThat(client.post("/api/v1/session", "{}").statusCode()).isEqualTo(400);
    }

    @Test
    void aSessionEndsWithItsKey() throws Exception {
        var issued = kept(issued(KeyRole.READ, "red"));
        var in = client.post(
                "/api/v1/session", "{\"key\":\"" + issued.key().text().value() + "\"}");
        var cookie = in.headers().allValues("Set-Cookie").stream()
                .filter(given -> given.startsWith("cloudchamber-session="))
                .findFirst()
                .orElseThrow()
                .replaceAll(";.*", "");
        assertThat(client.get("/api/v1/jobs", "Cookie", cookie).statusCode()).isEqualTo(200);

        keys.revoke(issued.row().id(), System.currentTimeMillis())
                .toCompletableFuture()
                .get();

        await().atMost(PATIENCE)
                .until(() -> client.get("/api/v1/jobs", "Cookie", cookie).statusCode() == 401);
    }

    private static String value(String cookie) {
        return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    }

    // ---- secrets

    @Test
    void noKeyAndNoPromptIsInLogsMetricsOrTheDatabaseInTheOpen() throws Exception {
        var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        var before = root.getLevel();
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        var key = key(KeyRole.ADMIN, "red").text().value();
        var wrong = ApiKey.random(RANDOM).text().value();
        try {
            client.post("/api/v1/jobs", JOB.replace("Evaluate", "Canary-4711"), bearer(key));
            client.post("/api/v1/jobs", "{\"problems\":[{\"question\":\"Canary-4711\"}],", bearer(key));
            client.post("/api/v1/session", "{\"key\":\"" + key + "\"}");
            client.get("/api/v1/jobs", bearer(wrong));
            client.get("/api/v1/jobs?key=" + key);
            var metrics = client.get("/metrics", bearer(key)).body();
            assertThat(metrics).doesNotContain(key, wrong, "Canary-4711", "tenant");
            assertThat(client.get("/api/v1/keys", bearer(key)).body()).doesNotContain(key);
        } finally {
            root.setLevel(before);
            root.detachAppender(log);
        }
        assertThat(List.copyOf(log.list))
                .extracting(ILoggingEvent::getFormattedMessage)
                .allSatisfy(line -> assertThat(line).doesNotContain(key, wrong, "Canary-4711"));
        try (var files = Files.list(node.directory())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(key, wrong);
            }
        }
    }
}
