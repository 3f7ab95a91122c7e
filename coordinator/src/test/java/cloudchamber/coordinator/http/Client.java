package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.ServerBinding;

/** A client of one server, as tests need it. */
final class Client implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One server-sent event.
     *
     * @param name {@code message} if the event has none
     * @param id null if it has none
     */
    record Event(String name, String id, String data) {
        JsonNode json() {
            return read(data);
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    Client(ServerBinding server) {
        this.port = server.localAddress().getPort();
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        return http.send(request(path, headers).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        return http.send(
                request(path, headers)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    HttpRequest.Builder request(String path, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request;
    }

    <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) throws Exception {
        return http.send(request.build(), handler);
    }

    /** Submits a job; answers with its id. */
    String submit(String job) throws Exception {
        var accepted = post("/api/v1/jobs", job);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        return json(accepted).get("id").textValue();
    }

    JsonNode awaitStatus(String job, String status) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> json(get("/api/v1/jobs/" + job)),
                        view -> view.get("status").textValue().equals(status));
    }

    Events events(String path, String... headers) throws Exception {
        return new Events(http.send(request(path, headers).build(), BodyHandlers.ofLines()));
    }

    Events events(HttpRequest.Builder request) throws Exception {
        return new Events(http.send(request.build(), BodyHandlers.ofLines()));
    }

    static JsonNode json(HttpResponse<String> response) {
        return read(response.body());
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException broken) {
            throw new AssertionError("JSON was expected: was " + json, broken);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /** A stream of events as it comes in; to be closed, which closes the connection. */
    static final class Events implements AutoCloseable {
        private final HttpResponse<Stream<String>> response;
        private final Iterator<String> lines;

        private Events(HttpResponse<Stream<String>> response) {
            this.response = response;
            this.lines = response.body().iterator();
        }

        HttpResponse<?> response() {
            return response;
        }

        /** Waits for the next event; comments are passed over. */
        Event next() {
            String name = "message";
            String id = null;
            String data = null;
            while (lines.hasNext()) {
                var line = lines.next();
                if (line.isEmpty() && data != null) {
                    return new Event(name, id, data);
                }
                if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("id: ")) {
                    id = line.substring("id: ".length());
                } else if (line.startsWith("data: ")) {
                    data = line.substring("data: ".length());
                }
            }
            throw new NoSuchElementException("an event was expected: the stream has ended");
        }

        /** Waits for the next event with the name; others are passed over. */
        Event next(String name) {
            while (true) {
                var event = next();
                if (event.name().equals(name)) {
                    return event;
                }
            }
        }

        /** Reads to the end of the stream. */
        List<Event> rest() {
            var rest = new ArrayList<Event>();
            while (true) {
                try {
                    rest.add(next());
                } catch (NoSuchElementException end) {
                    return rest;
                }
            }
        }

        @Override
        public void close() {
            response.body().close();
        }
    }
}
