package cloudchamber.coordinator.http;

import cloudchamber.coordinator.dashboard.Dashboard;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** What a handler has to say. */
sealed interface Reply {

    record Ok(Object document) implements Reply {}

    /**
     * @param location where what was accepted can be asked after
     * @param replayed whether an earlier request with the same Idempotency-Key was accepted as this
     */
    record Accepted(Object document, String location, boolean replayed) implements Reply {
        Accepted(Object document, String location) {
            this(document, location, false);
        }
    }

    /** @param events as they stand on the wire */
    record Events(Source<ByteString, NotUsed> events) implements Reply {}

    /** @param lines of JSON, each with its end */
    record Lines(Source<ByteString, NotUsed> lines) implements Reply {}

    record Text(String contentType, String text) implements Reply {}

    record Refused(ApiError error) implements Reply {}

    /**
     * A file of the dashboard.
     *
     * @param unchanged whether the client has it as it is
     */
    record File(Dashboard.File file, boolean unchanged) implements Reply {}

    static Reply refused(ErrorKind kind, String detail) {
        return new Refused(ApiError.of(kind, detail));
    }
}
