package cloudchamber.engine;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads bytes that arrive in pieces as UTF-8: a character is handed out when its last byte is there.
 * Bytes that can be no character become U+FFFD.
 */
public final class TextReader {
    private static final int MAX_CHARACTER_BYTES = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer open = ByteBuffer.allocate(0);

    /** The characters that are complete with these bytes. */
    public String append(byte[] bytes) {
        return read(bytes, false);
    }

    /** What is left when no more bytes come: empty, or U+FFFD for an unfinished character. */
    public String finish() {
        String rest = read(new byte[0], true);
        decoder.reset();
        return rest;
    }

    private String read(byte[] bytes, boolean last) {
        var input = ByteBuffer.allocate(open.remaining() + bytes.length)
                .put(open)
                .put(bytes)
                .flip();
        var output = CharBuffer.allocate(input.remaining() + MAX_CHARACTER_BYTES);
        decoder.decode(input, output, last);
        if (last) {
            decoder.flush(output);
        }
        open = input;
        return output.flip().toString();
    }
}
