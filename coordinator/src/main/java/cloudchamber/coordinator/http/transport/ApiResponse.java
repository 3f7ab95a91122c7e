package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.dashboard.Dashboard;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** What a handler has to say. */
public sealed interface ApiResponse {

    /** Whether it goes on after its beginning was sent. */
    default boolean isStream() {
        return false;
    }

    /** Of HTTP. */
    default int status() {
        return switch (this) {
            case Created created -> 201;
            case Accepted accepted -> 202;
            case Refused(var error) -> error.status();
            case Ok ok -> 200;
            case Session session -> 200;
            case Events events -> 200;
            case Lines lines -> 200;
            case Text text -> 200;
            case File(var file, var unchanged) -> unchanged ? 304 : 200;
        };
    }

    /** The same with another stream in place of its own, if it is one. */
    default ApiResponse streaming(UnaryOperator<Source<ByteString, NotUsed>> change) {
        return this;
    }

    record Ok(Object document) implements ApiResponse {}

    /** @param location where what was made can be changed */
    record Created(Object document, String location) implements ApiResponse {}

    /** @param cookies as they stand in {@code Set-Cookie} */
    record Session(Object document, List<String> cookies) implements ApiResponse {
        public Session {
            cookies = List.copyOf(cookies);
        }
    }

    /**
     * @param location where what was accepted can be asked after
     * @param replayed whether an earlier request with the same Idempotency-Key was accepted as this
     */
    record Accepted(Object document, String location, boolean replayed) implements ApiResponse {
        public Accepted(Object document, String location) {
            this(document, location, false);
        }
    }

    /** @param events as they stand on the wire */
    record Events(Source<ByteString, NotUsed> events) implements ApiResponse {
        @Override
        public boolean isStream() {
            return true;
        }

        @Override
        public ApiResponse streaming(UnaryOperator<Source<ByteString, NotUsed>> change) {
            return new Events(change.apply(events));
        }
    }

    /** @param lines of JSON, each with its end */
    record Lines(Source<ByteString, NotUsed> lines) implements ApiResponse {
        @Override
        public boolean isStream() {
            return true;
        }

        @Override
        public ApiResponse streaming(UnaryOperator<Source<ByteString, NotUsed>> change) {
            return new Lines(change.apply(lines));
        }
    }

    record Text(String contentType, String text) implements ApiResponse {}

    record Refused(ApiError error) implements ApiResponse {}

    /**
     * A file of the dashboard.
     *
     * @param unchanged whether the client has it as it is
     */
    record File(Dashboard.File file, boolean unchanged) implements ApiResponse {}

    static ApiResponse refused(ErrorKind kind, String detail) {
        return new Refused(ApiError.of(kind, detail));
    }
}
