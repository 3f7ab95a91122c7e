package cloudchamber.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Answers the probes of a supervisor on a port of its own, for every role: {@code /livez} while the process runs,
 * {@code /readyz} while the node can do its work. The API may be as busy as it will.
 */
public final class HealthServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int WAITING_CONNECTIONS = 64;
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    static {
        // Seconds that a request may take to come in; read once, by the class below.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
    }

    private final HttpServer server;
    private final ExecutorService threads;

    private HealthServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Listens.
     *
     * @param port 0 takes a free one
     * @param trouble why the node cannot do its work now, without quotation marks; empty if it can
     */
    public static HealthServer start(String host, int port, Supplier<CompletionStage<Optional<String>>> trouble)
            throws IOException {
        var server = HttpServer.create(new InetSocketAddress(host, port), WAITING_CONNECTIONS);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/livez", exchange -> answer(exchange, OK, "{\"status\":\"live\"}"));
        server.createContext("/readyz", exchange -> {
            var found = found(trouble);
            answer(
                    exchange,
                    found.isPresent() ? UNAVAILABLE : OK,
                    found.map(reason -> "{\"status\":\"not-ready\",\"detail\":\"" + reason + "\"}")
                            .orElse("{\"status\":\"ready\"}"));
        });
        server.start();
        return new HealthServer(server, threads);
    }

    private static Optional<String> found(Supplier<CompletionStage<Optional<String>>> trouble) {
        try {
            return trouble.get().toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException slow) {
            return Optional.of("the node must say in time how it is: did not");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return Optional.of("the node is about to stop");
        }
    }

    private static void answer(HttpExchange exchange, int status, String document) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")
                    && !exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            var bytes = document.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** The port it took. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** While there is no node to ask. */
    public static CompletionStage<Optional<String>> starting() {
        return CompletableFuture.completedStage(Optional.of("the node is not up yet"));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
