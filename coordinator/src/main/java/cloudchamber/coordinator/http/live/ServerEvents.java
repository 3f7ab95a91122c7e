package cloudchamber.coordinator.http.live;

import cloudchamber.coordinator.http.transport.Json;
import org.apache.pekko.util.ByteString;

/** Server-sent events as they stand on the wire. */
public final class ServerEvents {
    /** Says nothing, and keeps whoever stands between from thinking that the stream is dead. */
    static final ByteString PING = ByteString.fromString(": ping\n\n");

    private ServerEvents() {}

    /** An event that is not numbered. */
    public static ByteString event(String name, Object document) {
        return ByteString.fromString("event: " + name + "\ndata: " + Json.write(document) + "\n\n");
    }

    /** @param id what a client that comes back says in {@code Last-Event-ID} */
    public static ByteString event(String name, String id, Object document) {
        return ByteString.fromString("id: " + id + "\n").concat(event(name, document));
    }

    /** An event without a name, as OpenAI's clients expect them. */
    public static ByteString data(String data) {
        return ByteString.fromString("data: " + data + "\n\n");
    }
}
