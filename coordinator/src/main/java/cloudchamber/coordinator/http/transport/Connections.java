package cloudchamber.coordinator.http.transport;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.IncomingConnection;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/** Takes the connections of the API: serves as many as may be, refuses some more, closes the others. */
public final class Connections {
    private static final ApiResponse FULL = ApiResponse.refused(
            ErrorKind.OVERLOADED, "there must be room for the connection: as many as may be are open; try again");

    private final ConnectionLimits limits;
    private final ConnectionCounts counts;
    private final Flow<HttpRequest, HttpResponse, NotUsed> serving;
    private final ActorSystem<?> system;

    /** @param serving answers the requests of one connection */
    public Connections(
            ConnectionLimits limits, Flow<HttpRequest, HttpResponse, NotUsed> serving, ActorSystem<?> system) {
        this.limits = limits;
        this.counts = new ConnectionCounts(limits);
        this.serving = serving;
        this.system = system;
    }

    /** Listens; fails if the port is taken. */
    public CompletionStage<ServerBinding> listen(ServerBuilder server) {
        return server.connectionSource()
                .mapAsync(1, connection -> Descriptors.whenFree(connection, system))
                .to(Sink.foreach(this::take))
                .run(system);
    }

    private void take(IncomingConnection connection) {
        var from = connection.remoteAddress().getAddress();
        var fate = counts.enter(from);
        var flow = switch (fate) {
            case SERVED -> beginningWithin(limits.firstRequest()).via(serving);
            case REFUSED -> beginningWithin(limits.firstRequest()).take(1).map(this::refused);
            case CLOSED -> Flow.<HttpRequest, HttpResponse>fromSinkAndSource(Sink.cancelled(), Source.empty());
        };
        connection.handleWith(
                flow.watchTermination((nothing, done) -> {
                    done.whenComplete((gone, failure) -> counts.leave(from, fate));
                    return NotUsed.getInstance();
                }),
                Materializer.matFromSystem(system));
    }

    private HttpResponse refused(HttpRequest request) {
        request.discardEntityBytes(system);
        return ResponseRenderer.of(FULL, request.getUri().getPathString(), "").addHeader(Connection.create("close"));
    }

    /** A connection on which no request comes is closed. */
    private static Flow<HttpRequest, HttpRequest, NotUsed> beginningWithin(Duration time) {
        return Flow.fromGraph(new BeginsWithin<>(time));
    }
}
