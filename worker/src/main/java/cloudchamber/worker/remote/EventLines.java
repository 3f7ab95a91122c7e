package cloudchamber.worker.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of a stream, up to a number of bytes. */
final class EventLines {
    private static final int BUFFER_BYTES = 8192;

    private final InputStream stream;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private long left;
    private int at;
    private int end;

    EventLines(InputStream stream, long maxBytes) {
        this.stream = stream;
        this.left = maxBytes;
    }

    /**
     * The next line, without its end; empty when there is none.
     *
     * @throws RemoteTrouble if the stream is longer than allowed
     */
    Optional<String> next() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            if (at == end && !fill()) {
                return line.size() == 0 ? Optional.empty() : Optional.of(line.toString(StandardCharsets.UTF_8));
            }
            byte read = buffer[at++];
            if (read == '\n') {
                return Optional.of(line.toString(StandardCharsets.UTF_8));
            }
            if (read != '\r') {
                line.write(read);
            }
        }
    }

    private boolean fill() throws IOException {
        if (left <= 0) {
            throw RemoteTrouble.invalid("a stream must be of the size asked for: was cut off, being longer");
        }
        int count = stream.read(buffer, 0, (int) Math.min(buffer.length, left));
        at = 0;
        end = Math.max(0, count);
        left -= end;
        return count > 0;
    }
}
