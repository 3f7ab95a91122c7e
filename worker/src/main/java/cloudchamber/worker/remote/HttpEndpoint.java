package cloudchamber.worker.remote;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/** JSON over HTTP with one server. Calls block; they belong on virtual threads. */
public final class HttpEndpoint implements AutoCloseable {
    /*
     * HTTP/1.1: the servers speak nothing better, and a connection a call lets a closed connection cancel its
     * request there. Connections are kept and there is no limit of their own to their number: slots are the limit.
     * Redirects and proxies are not followed, so the key goes to the configured host alone.
     */
    public static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxNumberLength(64)
                            .build())
                    .build())
            .build();

    /** A thousand connections at once fill a server's queue of them; those it drops are tried again by the system. */
    private static final Duration CONNECT = Duration.ofSeconds(15);

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);
    private static final int DETAIL_CHARACTERS = 300;
    private static final int ERROR_BYTES = 1 << 20;
    /** How servers say that a prompt leaves no room. We never ask for 0 tokens: vLLM says so of a full context. */
    private static final List<String> FULL =
            List.of("context", "longer than", "too long", "max_tokens must be at least 1");

    /** What an address may end in that the paths of calls begin with. */
    private static final Pattern ROUTES = Pattern.compile("(?:/v1)?/*$");

    /** A stream says of each token some hundred bytes, and is not kept. */
    private static final int STREAM_TIMES_RESPONSE = 4;

    private static final String DONE = "[DONE]";
    private static final String DATA = "data:";

    private final RemoteSettings settings;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;
    private final ServedName servedName;

    public HttpEndpoint(RemoteSettings settings) {
        this.settings = settings;
        this.servedName = new ServedName(settings.strictModel());
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .executor(executor)
                .build();
    }

    /** The model's name in the server's replies. */
    public ServedName servedName() {
        return servedName;
    }

    public RemoteSettings settings() {
        return settings;
    }

    /**
     * Posts a JSON body and reads a JSON reply.
     *
     * @param limit for the whole exchange
     * @throws RemoteTrouble whatever else comes back, or nothing
     */
    public JsonNode post(String path, JsonNode body, Duration limit) throws InterruptedException {
        var reply = json(
                exchange(posting(path, body), BodyHandlers.ofByteArray(), limit).body());
        checkName(body, reply);
        return reply;
    }

    private void checkName(JsonNode asked, JsonNode reply) {
        var said = reply.path("model").asText("");
        if (servedName.check(asked.path("model").asText(""), said)) {
            LoggerFactory.getLogger(HttpEndpoint.class)
                    .info("the server at [{}] names its model [{}] in its replies", settings.url(), said);
        }
    }

    /** Reads a JSON document. */
    public JsonNode get(String path, Duration limit) throws InterruptedException {
        return json(exchange(request(path).GET().build(), BodyHandlers.ofByteArray(), limit)
                .body());
    }

    /** Reads a text; empty if the server has none there. */
    public Optional<String> text(String path, Duration limit) throws InterruptedException {
        try {
            return Optional.of(exchange(request(path).GET().build(), BodyHandlers.ofString(), limit)
                    .body());
        } catch (RemoteTrouble absent) {
            if (absent.refusal().category() == Category.MODEL_UNKNOWN
                    || absent.refusal().category() == Category.INVALID_REQUEST) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    /**
     * Posts a JSON body and reads server-sent events, until the server says it is done, {@code next} has enough, or
     * the reply is longer than allowed; then the connection is closed, which cancels the request.
     *
     * @param limit for the whole exchange
     * @param next is given each event; false ends the stream
     * @return whether the server said that it finished
     */
    public boolean stream(String path, JsonNode body, Duration limit, Predicate<JsonNode> next)
            throws InterruptedException {
        long ends = System.nanoTime() + limit.toNanos();
        long maxBytes = (long) STREAM_TIMES_RESPONSE * settings.maxResponseBytes();
        try (InputStream events = exchange(posting(path, body), BodyHandlers.ofInputStream(), limit, maxBytes)
                        .body();
                var closing = new Closing(events, ends)) {
            return read(
                    new EventLines(events, maxBytes),
                    event -> {
                        checkName(body, event);
                        return next.test(event);
                    },
                    closing);
        } catch (IOException broken) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while reading a stream");
            }
            throw System.nanoTime() - ends >= 0
                    ? timedOut(limit)
                    : new RemoteTrouble(
                            Category.BACKEND_UNAVAILABLE, "a stream must end with its last event: broke off");
        }
    }

    private static boolean read(EventLines lines, Predicate<JsonNode> next, Closing closing) throws IOException {
        for (var line = lines.next(); line.isPresent(); line = lines.next()) {
            if (!line.get().startsWith(DATA)) {
                continue;
            }
            var data = line.get().substring(DATA.length()).strip();
            if (data.equals(DONE)) {
                return true;
            }
            var event = json(data.getBytes(StandardCharsets.UTF_8));
            if (event.hasNonNull("error")) {
                throw refused(event.path("error").path("code").asInt(500), message(event), Optional.empty());
            }
            if (!next.test(event)) {
                return false;
            }
        }
        if (closing.expired()) {
            throw new IOException("closed at its limit");
        }
        return false;
    }

    /** Closes a stream when its time is over, which ends whoever reads it. */
    private final class Closing implements AutoCloseable {
        private final Thread timer;
        private final long endsNanos;

        Closing(InputStream stream, long endsNanos) {
            this.endsNanos = endsNanos;
            this.timer = Thread.ofVirtual().name("remote-limit").start(() -> {
                try {
                    TimeUnit.NANOSECONDS.sleep(endsNanos - System.nanoTime());
                    stream.close();
                } catch (InterruptedException | IOException over) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        boolean expired() {
            return System.nanoTime() - endsNanos >= 0;
        }

        @Override
        public void close() {
            timer.interrupt();
        }
    }

    private HttpRequest.Builder request(String path) {
        var uri = URI.create(ROUTES.matcher(settings.url().toString()).replaceFirst("") + path);
        var request = HttpRequest.newBuilder(uri).header("User-Agent", "cloudchamber");
        settings.key().ifPresent(key -> request.header("Authorization", "Bearer " + key.value()));
        settings.dataParallelRank().ifPresent(rank -> request.header("X-data-parallel-rank", Integer.toString(rank)));
        return request;
    }

    private HttpRequest posting(String path, JsonNode body) {
        try {
            return request(path)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .build();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree can be written", impossible);
        }
    }

    private <B> HttpResponse<B> exchange(HttpRequest request, BodyHandler<B> success, Duration limit)
            throws InterruptedException {
        return exchange(request, success, limit, settings.maxResponseBytes());
    }

    private <B> HttpResponse<B> exchange(HttpRequest request, BodyHandler<B> success, Duration limit, long maxBytes)
            throws InterruptedException {
        var sent = client.sendAsync(
                request,
                information -> information.statusCode() == 200
                        ? BodyHandlers.limiting(success, maxBytes).apply(information)
                        : HttpResponse.BodySubscribers.mapping(
                                BodyHandlers.limiting(BodyHandlers.ofByteArray(), ERROR_BYTES)
                                        .apply(information),
                                bytes -> {
                                    throw new Answered(
                                            information.statusCode(),
                                            bytes,
                                            information.headers().firstValue("Retry-After"));
                                }));
        try {
            return sent.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopped) {
            sent.cancel(true);
            throw stopped;
        } catch (TimeoutException late) {
            sent.cancel(true);
            throw timedOut(limit);
        } catch (ExecutionException failed) {
            throw trouble(failed.getCause());
        }
    }

    /** An answer that is not 200, on its way out of the client. */
    private static final class Answered extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final transient byte[] body;
        private final transient Optional<String> retryAfter;

        Answered(int status, byte[] body, Optional<String> retryAfter) {
            super("answered " + status, null, false, false);
            this.status = status;
            this.body = body;
            this.retryAfter = retryAfter;
        }
    }

    private static RemoteTrouble trouble(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Answered answered) {
                return refused(
                        answered.status,
                        errorMessage(answered.body),
                        answered.retryAfter.flatMap(HttpEndpoint::seconds));
            }
        }
        boolean tooLong = String.valueOf(failure.getMessage()).contains("body exceeds capacity");
        return tooLong
                ? RemoteTrouble.invalid("a reply must be of the size asked for: was cut off, being longer")
                : new RemoteTrouble(
                        Category.BACKEND_UNAVAILABLE, "the server must be reachable and finish its reply: " + failure);
    }

    private static RemoteTrouble timedOut(Duration limit) {
        return new RemoteTrouble(Category.TIMED_OUT, "the server must answer within " + limit + ": did not");
    }

    private static RemoteTrouble refused(int status, String message, Optional<Duration> retryAfter) {
        var said = "the server answered " + status + (message.isEmpty() ? "" : ": " + message);
        return new RemoteTrouble(new Refusal(category(status, message), said), retryAfter);
    }

    private static Category category(int status, String message) {
        return switch (status) {
            case 400, 413, 422 ->
                FULL.stream().anyMatch(message::contains) ? Category.CONTEXT_OVERFLOW : Category.INVALID_REQUEST;
            case 401, 403, 404, 405, 501 -> Category.MODEL_UNKNOWN;
            case 408 -> Category.TIMED_OUT;
            case 429, 503 -> Category.OVERLOADED;
            default -> status >= 500 && status < 600 ? Category.BACKEND_UNAVAILABLE : Category.BACKEND_INVALID;
        };
    }

    /** A delay in seconds; the form with a date is not used by these servers and means no delay. */
    private static Optional<Duration> seconds(String retryAfter) {
        return retryAfter.matches("[0-9]{1,9}")
                ? Optional.of(Duration.ofSeconds(Math.min(LONGEST_RETRY_AFTER.toSeconds(), Long.parseLong(retryAfter))))
                : Optional.empty();
    }

    private static String errorMessage(byte[] body) {
        try {
            return message(JSON.readTree(body));
        } catch (IOException notJson) {
            return "";
        }
    }

    /** What the server says of the trouble, as one short line. */
    private static String message(JsonNode body) {
        var error = body.path("error");
        var text = error.isTextual()
                ? error.asText()
                : error.path("message").asText(body.path("message").asText(""));
        var line = text.replaceAll("[\\p{Cntrl}\\p{Cf}\u2028\u2029]+", " ").strip();
        return line.length() <= DETAIL_CHARACTERS ? line : line.substring(0, DETAIL_CHARACTERS) + "…";
    }

    private static JsonNode json(byte[] body) {
        try {
            var read = JSON.readTree(body);
            if (read == null || read.isMissingNode()) {
                throw RemoteTrouble.invalid("a reply must be JSON: was empty");
            }
            return read;
        } catch (IOException malformed) {
            throw RemoteTrouble.invalid("a reply must be JSON: was not");
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        executor.shutdownNow();
    }
}
