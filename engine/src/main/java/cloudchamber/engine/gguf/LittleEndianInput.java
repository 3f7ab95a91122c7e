package cloudchamber.engine.gguf;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file read forward; every read checks first that the file goes on that far. */
final class LittleEndianInput {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long MAX_TEXT_BYTES = 1 << 24;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long position;

    LittleEndianInput(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.size = channel.size();
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    long position() {
        return position;
    }

    long remaining() {
        return size - position;
    }

    byte int8() throws IOException {
        return need(Byte.BYTES).get();
    }

    short int16() throws IOException {
        return need(Short.BYTES).getShort();
    }

    int int32() throws IOException {
        return need(Integer.BYTES).getInt();
    }

    long int64() throws IOException {
        return need(Long.BYTES).getLong();
    }

    /** A count in [0, max]. */
    long count(long max, String what) throws IOException {
        long count = int64();
        if (count < 0 || count > max) {
            throw corrupt(
                    "the number of " + what + " must be at most " + max + ": was " + Long.toUnsignedString(count));
        }
        return count;
    }

    String text() throws IOException {
        long length = count(MAX_TEXT_BYTES, "bytes of a text");
        if (length > remaining()) {
            throw truncated(length);
        }
        var bytes = new byte[(int) length];
        for (int read = 0; read < length; ) {
            int chunk = (int) Math.min(BUFFER_BYTES, length - read);
            need(chunk).get(bytes, read, chunk);
            read += chunk;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    EngineException corrupt(String message) {
        return new EngineException(Category.FILE_CORRUPT, message + " (" + path + ", byte " + position + ")");
    }

    private ByteBuffer need(int bytes) throws IOException {
        if (bytes > remaining()) {
            throw truncated(bytes);
        }
        if (buffer.remaining() < bytes) {
            buffer.compact();
            while (buffer.position() < bytes) {
                if (channel.read(buffer) < 0) {
                    throw truncated(bytes);
                }
            }
            buffer.flip();
        }
        position += bytes;
        return buffer;
    }

    private EngineException truncated(long bytes) {
        return new EngineException(
                Category.FILE_TRUNCATED,
                "the header needs " + bytes + " more bytes: the file ends at byte " + size + " (" + path + ", byte "
                        + position + ")");
    }
}
