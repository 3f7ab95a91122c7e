package cloudchamber.bench;

import cloudchamber.node.ChildJava;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;

/**
 * A server with vLLM's routes in a JVM of its own, which answers the same step to everybody, each after a time drawn
 * from a law by the request's seed; it ends with its parent.
 */
final class ModelServer implements AutoCloseable {
    /*
     * The JDK's server closes a connection that has nothing to do as soon as 200 have, unless told otherwise; and a
     * client that has just taken such a connection for its next call loses the call.
     */
    private static final List<String> OPTIONS = List.of(
            "-Dsun.net.httpserver.maxIdleConnections=100000",
            "-Dsun.net.httpserver.idleInterval=3600",
            "-Dsun.net.httpserver.nodelay=true");

    private static final int BACKLOG = 4096;
    private static final String PORT = "port ";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final URI url;

    private ModelServer(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    /** Starts one on a free port of the loopback. */
    static ModelServer start(Law law) {
        var command = new ArrayList<>(ChildJava.command(ModelServer.class, OPTIONS));
        command.add(law.word());
        try {
            var process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            var line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (line == null || !line.startsWith(PORT)) {
                throw new BenchmarkFailure("a model server ended before it said its port");
            }
            return new ModelServer(process, URI.create("http://127.0.0.1:" + line.substring(PORT.length())));
        } catch (IOException failed) {
            throw new BenchmarkFailure("a model server could not be started: " + failed, failed);
        }
    }

    URI url() {
        return url;
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** The process itself. */
    public static void main(String[] arguments) throws IOException {
        var micros = Law.of(arguments[0]).micros();
        var running = new AtomicInteger();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        fixed(server, "/v1/models", "{\"data\":[{\"id\":\"bench\",\"max_model_len\":4096}]}");
        fixed(server, "/version", "{\"version\":\"bench\"}");
        fixed(server, "/tokenize", "{\"tokens\":[1,2,3,4]}");
        server.createContext("/detokenize", exchange -> {
            var tokens = body(exchange).path("tokens");
            answer(exchange, "{\"prompt\":\"" + (tokens.path(0).asInt() == 6 ? "\\n\\n" : "step") + "\"}");
        });
        server.createContext(
                "/metrics",
                exchange -> answer(
                        exchange, "vllm:num_requests_running " + running.get() + "\nvllm:num_requests_waiting 0\n"));
        server.createContext("/v1/completions", exchange -> complete(exchange, micros, running));
        server.start();
        System.out.println(PORT + server.getAddress().getPort());
        // The parent's end closes this.
        while (System.in.read() >= 0) {
            Thread.onSpinWait();
        }
        System.exit(0);
    }

    private static void complete(HttpExchange exchange, LongUnaryOperator micros, AtomicInteger running)
            throws IOException {
        running.incrementAndGet();
        try {
            long seed = body(exchange).path("seed").asLong();
            Thread.sleep(Duration.of(micros.applyAsLong(seed), ChronoUnit.MICROS));
            answer(
                    exchange,
                    "{\"choices\":[{\"text\":\"step\\n\\n\",\"finish_reason\":\"stop\",\"stop_reason\":\"\\n\\n\","
                            + "\"token_ids\":[5,6]}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } finally {
            running.decrementAndGet();
        }
    }

    private static void fixed(HttpServer server, String path, String body) {
        server.createContext(path, exchange -> answer(exchange, body));
    }

    private static JsonNode body(HttpExchange exchange) throws IOException {
        return JSON.readTree(exchange.getRequestBody().readAllBytes());
    }

    private static void answer(HttpExchange exchange, String body) {
        try (exchange) {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
