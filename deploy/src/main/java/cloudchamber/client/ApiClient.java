package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.protocol.model.Secret;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The native API, as the commands use it. */
public final class ApiClient {
    public static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LONG_REQUEST_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(150);
    private static final Set<String> TERMINAL = Set.of("succeeded", "failed", "cancelled");

    private final String url;
    private final Optional<Secret> key;
    private final HttpClient http;

    /**
     * @param url of the server, without a path
     */
    public ApiClient(String url) {
        this(url, Optional.empty(), Optional.empty());
    }

    /**
     * @param url of the server, without a path
     * @param key shown with every request; empty for a server that asks for none
     * @param authorities a file of certificates in PEM that the server's must follow from; empty for those the JDK
     *     trusts
     */
    public ApiClient(String url, Optional<Secret> key, Optional<Path> authorities) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.key = key;
        this.http = authorities
                .map(file -> HttpClient.newBuilder().sslContext(trusting(file)).build())
                .orElseGet(HttpClient::newHttpClient);
    }

    private static SSLContext trusting(Path authorities) {
        try (var in = Files.newInputStream(authorities)) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + store.size(), certificate);
            }
            if (store.size() == 0) {
                throw new CommandFailure(
                        ExitCode.USAGE, "--ca-file must have certificates in PEM: " + authorities + " has none");
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException unreadable) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--ca-file must have certificates in PEM: " + authorities + ": " + unreadable);
        }
    }

    /** Of the server, without a slash at its end. */
    public String url() {
        return url;
    }

    /** Submits a job and returns its id. */
    public String submit(ObjectNode job) {
        return post("/api/v1/jobs", job).path("id").asText();
    }

    /** Waits until a job is over; {@code progress} sees it whenever it was asked. */
    public JsonNode await(String job, Consumer<JsonNode> progress) throws InterruptedException {
        while (true) {
            var seen = get("/api/v1/jobs/" + job);
            progress.accept(seen);
            if (TERMINAL.contains(seen.path("status").asText())) {
                return seen;
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    public JsonNode problem(String job, String problem) {
        return get("/api/v1/jobs/" + job + "/problems/" + segment(problem));
    }

    public JsonNode job(String job) {
        return get("/api/v1/jobs/" + segment(job));
    }

    public JsonNode problems(String job) {
        return get("/api/v1/jobs/" + segment(job) + "/problems");
    }

    /** Shows every problem of a job in order, page by page. */
    public void eachProblem(String job, Consumer<JsonNode> each) {
        var path = "/api/v1/jobs/" + segment(job) + "/problems?limit=1000";
        var page = get(path);
        page.path("problems").forEach(each);
        while (page.path("hasMore").asBoolean()) {
            page = get(path + "&after=" + segment(page.path("lastId").asText()));
            page.path("problems").forEach(each);
        }
    }

    /** A problem of a finished job under another law; {@code query} is encoded. */
    public JsonNode replay(String job, String problem, String query) {
        return get("/api/v1/jobs/" + segment(job) + "/problems/" + segment(problem) + "/replay?" + query);
    }

    /**
     * All that is known of a job, line by line; to be closed. A line that does not come throws an {@link
     * UncheckedIOException}.
     */
    public Stream<String> export(String job) {
        try {
            var response = http.send(
                    request("/api/v1/jobs/" + segment(job) + "/export").build(), BodyHandlers.ofLines());
            if (response.statusCode() >= 400) {
                try (var lines = response.body()) {
                    throw refused(response.statusCode(), lines.collect(Collectors.joining()));
                }
            }
            return response.body();
        } catch (IOException unreachable) {
            throw CommandFailure.unavailable("no server answers at " + url + ": " + unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.unavailable("interrupted while waiting for " + url);
        }
    }

    public JsonNode cancel(String job) {
        return post("/api/v1/jobs/" + segment(job) + "/cancel", JSON.createObjectNode());
    }

    public JsonNode revoke(String keyId) {
        return post("/api/v1/keys/" + segment(keyId) + "/revoke", JSON.createObjectNode());
    }

    public JsonNode drain(String worker) {
        return post("/api/v1/workers/" + segment(worker) + "/drain", JSON.createObjectNode());
    }

    /** Reads the events of one problem until its stream ends; {@code each} sees their names and objects. */
    public void follow(String job, String problem, BiConsumer<String, JsonNode> each) {
        var path = "/api/v1/jobs/" + segment(job) + "/problems/" + segment(problem) + "/events";
        var request = stream(path).build();
        try (var lines = http.send(request, BodyHandlers.ofLines()).body()) {
            var name = "";
            for (var line : (Iterable<String>) lines::iterator) {
                if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    each.accept(name, JSON.readTree(line.substring("data: ".length())));
                }
            }
        } catch (IOException | UncheckedIOException broken) {
            throw CommandFailure.unavailable("the server at " + url + " must stream to the end: broke off: " + broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.unavailable("interrupted while waiting for " + url);
        }
    }

    private static String segment(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public JsonNode cluster() {
        return get("/api/v1/cluster");
    }

    public JsonNode get(String path) {
        return send(request(path).GET().build());
    }

    /** Registers a file of problems; {@code query} is encoded. */
    public JsonNode upload(String query, byte[] file, boolean csv) {
        return send(request("/api/v1/datasets?" + query)
                .header("Content-Type", csv ? "text/csv" : "application/x-ndjson")
                .POST(BodyPublishers.ofByteArray(file))
                .build());
    }

    public JsonNode post(String path, JsonNode body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build());
    }

    /** The same for what may take long. */
    public JsonNode postPatiently(String path, JsonNode body) {
        return send(request(path)
                .timeout(LONG_REQUEST_TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return stream(path).timeout(REQUEST_TIMEOUT);
    }

    /** A request whose answer may take as long as it likes. */
    private HttpRequest.Builder stream(String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create(url + path));
            key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.value()));
            return request;
        } catch (IllegalArgumentException malformed) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--url must be a server's address such as http://127.0.0.1:8080: was " + url);
        }
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() >= 400) {
                throw refused(response.statusCode(), response.body());
            }
            return JSON.readTree(response.body());
        } catch (JsonProcessingException notJson) {
            throw CommandFailure.unavailable("the server at " + url + " must answer JSON: did not");
        } catch (IOException unreachable) {
            throw CommandFailure.unavailable("no server answers at " + url + ": " + unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.unavailable("interrupted while waiting for " + url);
        }
    }

    private static CommandFailure refused(int status, String body) {
        return new CommandFailure(
                status < 500 ? ExitCode.USAGE : ExitCode.UNAVAILABLE, "the server refused: " + reason(status, body));
    }

    private static String reason(int status, String body) {
        try {
            var problem = JSON.readTree(body);
            var detail = problem.path("detail").asText(problem.path("title").asText());
            return detail.isEmpty() ? "HTTP " + status : detail;
        } catch (JsonProcessingException notJson) {
            return "HTTP " + status;
        }
    }
}
