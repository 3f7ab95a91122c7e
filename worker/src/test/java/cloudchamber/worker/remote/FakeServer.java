package cloudchamber.worker.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A model server on the loopback that answers as scripted, and misbehaves when told to. */
public final class FakeServer implements ToyServer {
    /**
     * An answer.
     *
     * @param body written in one piece
     */
    public record Reply(int status, String contentType, byte[] body) {
        public static Reply json(JsonNode body) {
            return json(200, body.toString());
        }

        public static Reply json(int status, String body) {
            return new Reply(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
        }

        public static Reply events(String body) {
            return new Reply(200, "text/event-stream", body.getBytes(StandardCharsets.UTF_8));
        }

        public static Reply error(int status, String message) {
            return json(
                    status,
                    HttpEndpoint.JSON
                            .createObjectNode()
                            .set("error", HttpEndpoint.JSON.createObjectNode().put("message", message))
                            .toString());
        }
    }

    /** What the server does instead of answering. */
    @FunctionalInterface
    public interface Misbehaviour {
        /**
         * @param honest what it would have answered
         */
        void play(HttpExchange exchange, Reply honest, CountDownLatch closed) throws IOException, InterruptedException;
    }

    /** A request as it came. */
    public record Received(String path, Map<String, List<String>> headers, JsonNode body) {
        public String header(String name) {
            return headers.getOrDefault(name, List.of("")).getFirst();
        }
    }

    /*
     * The JDK's server closes connections that have nothing to do as soon as 200 have, unless told otherwise before its
     * first use; and whoever has just taken such a connection for the next call loses the call.
     */
    static {
        System.setProperty("sun.net.httpserver.maxIdleConnections", "100000");
        System.setProperty("sun.net.httpserver.idleInterval", "3600");
    }

    private final HttpServer server;
    private final Map<String, Function<Received, Reply>> routes = new ConcurrentHashMap<>();
    private final Queue<Misbehaviour> misbehaviours = new ConcurrentLinkedQueue<>();
    private volatile Misbehaviour standing;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicBoolean recording = new AtomicBoolean(true);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    public FakeServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        } catch (IOException noPort) {
            throw new IllegalStateException(noPort);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    @Override
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Answers what is posted to or read from a path. */
    public FakeServer on(String path, Function<Received, Reply> route) {
        routes.put(path, route);
        return this;
    }

    /** What the next requests that generate or score meet, in order. */
    public void next(Misbehaviour... these) {
        misbehaviours.addAll(Arrays.asList(these));
    }

    /** What every request that generates or scores meets once the script is over. */
    public void always(Misbehaviour misbehaviour) {
        standing = misbehaviour;
    }

    public List<Received> received(String path) {
        return received.stream().filter(request -> request.path().equals(path)).toList();
    }

    /** Keeps no requests from now on. */
    public void forgetRequests() {
        recording.set(false);
        received.clear();
    }

    /** The most requests that generate or score ever under way at once. */
    public int mostRunning() {
        return mostRunning.get();
    }

    /** How many such requests are under way. */
    public int running() {
        return running.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var bytes = exchange.getRequestBody().readAllBytes();
            var request = new Received(
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders(),
                    bytes.length == 0 ? null : HttpEndpoint.JSON.readTree(bytes));
            if (recording.get()) {
                received.add(request);
            }
            var route = routes.get(request.path());
            boolean works = WORK.contains(request.path());
            if (works) {
                mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
            }
            try {
                var misbehaviour = works ? misbehaviours.poll() : null;
                misbehaviour = misbehaviour == null && works ? standing : misbehaviour;
                var reply = route == null
                        ? Reply.json(404, "{\"detail\":\"Not Found\"}")
                        : misbehaviour == null ? route.apply(request) : null;
                if (misbehaviour == null) {
                    send(exchange, reply);
                } else {
                    misbehaviour.play(exchange, route.apply(request), closed);
                }
            } finally {
                if (works) {
                    running.decrementAndGet();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static final List<String> WORK =
            List.of("/v1/completions", "/v1/chat/completions", "/generate", "/completion", "/pooling", "/classify");

    public static void send(HttpExchange exchange, Reply reply) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", reply.contentType());
        exchange.sendResponseHeaders(reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
        exchange.getResponseBody().write(reply.body());
    }

    // ---- misbehaviours

    public static Misbehaviour status(int status) {
        return (exchange, honest, closed) -> send(exchange, Reply.error(status, "as scripted"));
    }

    public static Misbehaviour retryAfter(int status, int seconds) {
        return (exchange, honest, closed) -> {
            exchange.getResponseHeaders().add("Retry-After", Integer.toString(seconds));
            send(exchange, Reply.error(status, "as scripted"));
        };
    }

    public static Misbehaviour redirect(String to) {
        return (exchange, honest, closed) -> {
            exchange.getResponseHeaders().add("Location", to);
            send(exchange, Reply.json(302, "{}"));
        };
    }

    /** Answers 200 with something else. */
    public static Misbehaviour says(String contentType, String body) {
        return (exchange, honest, closed) ->
                send(exchange, new Reply(200, contentType, body.getBytes(StandardCharsets.UTF_8)));
    }

    public static Misbehaviour html() {
        return (exchange, honest, closed) -> send(
                exchange,
                new Reply(502, "text/html", "<html><body>Bad Gateway</body></html>".getBytes(StandardCharsets.UTF_8)));
    }

    /** Takes the request and says nothing. */
    public static Misbehaviour hang() {
        return (exchange, honest, closed) -> closed.await();
    }

    /** Says 200, and then nothing. */
    public static Misbehaviour headersThenHang() {
        return (exchange, honest, closed) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            closed.await();
        };
    }

    /** Breaks off in the middle of the body. */
    public static Misbehaviour halfABody() {
        return (exchange, honest, closed) -> {
            exchange.sendResponseHeaders(200, honest.body().length);
            exchange.getResponseBody().write(honest.body(), 0, honest.body().length / 2);
            exchange.getResponseBody().flush();
        };
    }

    /** Sends the same bytes until nobody reads them any more, or {@code most} bytes. */
    public static Misbehaviour endless(String contentType, String piece, long most) {
        return (exchange, honest, closed) -> {
            exchange.getResponseHeaders().add("Content-Type", contentType);
            exchange.sendResponseHeaders(200, 0);
            var bytes = piece.getBytes(StandardCharsets.UTF_8);
            for (long sent = 0; sent < most; sent += bytes.length) {
                exchange.getResponseBody().write(bytes);
            }
        };
    }

    /** Sends a byte now and then until nobody reads them any more. */
    public static Misbehaviour drip(long millis) {
        return (exchange, honest, closed) -> {
            exchange.sendResponseHeaders(200, 0);
            while (!closed.await(millis, TimeUnit.MILLISECONDS)) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
            }
        };
    }

    /** Answers honestly once as many are there as the latch counts. */
    public static Misbehaviour together(CountDownLatch there) {
        return (exchange, honest, closed) -> {
            there.countDown();
            there.await();
            send(exchange, honest);
        };
    }

    /** Answers honestly, later. */
    public static Misbehaviour late(long millis) {
        return (exchange, honest, closed) -> {
            if (!closed.await(millis, TimeUnit.MILLISECONDS)) {
                send(exchange, honest);
            }
        };
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }
}
