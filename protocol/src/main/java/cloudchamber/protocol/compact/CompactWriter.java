package cloudchamber.protocol.compact;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes one message. What {@link CompactReader} reads. */
final class CompactWriter {
    /*
     * number    7 bits a byte, the lowest first, the top bit says that more follow
     * real      its 64 bits from the last to the first as a number: round values are short
     * text      a number h. h & 3 is
     *             0  h >> 2 bytes of UTF-8 follow
     *             1  the (h >> 2)-th different text of this message once more
     *             2  h >> 2 bytes of UTF-8 follow, then the 16 bytes of a UUID that ends the text
     *             3  h >> 2 bytes follow, two for each UTF-16 unit: there is half a surrogate pair, which UTF-8 cannot tell
     * part      a number, and so many bytes
     */
    static final int PLAIN = 0;
    static final int AGAIN = 1;
    static final int WITH_UUID = 2;
    static final int UTF_16 = 3;
    static final int KINDS_BITS = 2;

    private static final int UUID_CHARACTERS = 36;
    /** Only names end in a UUID, and names are short. */
    private static final int MAX_NAME_CHARACTERS = 80;

    private static final int FIRST_BYTES = 512;

    private final Map<String, Integer> texts = new HashMap<>();
    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    void number(long value) {
        room(10);
        long left = value;
        while ((left & ~0x7FL) != 0) {
            bytes[length++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[length++] = (byte) left;
    }

    /** Eight bytes, for what is never short. */
    void bits(long value) {
        room(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    void real(double value) {
        number(Long.reverseBytes(Double.doubleToRawLongBits(value)));
    }

    void text(String text) {
        var before = texts.putIfAbsent(text, texts.size());
        if (before != null) {
            number((long) before << KINDS_BITS | AGAIN);
            return;
        }
        var uuid = uuidAtTheEnd(text);
        if (uuid != null) {
            bytes(text.substring(0, text.length() - UUID_CHARACTERS).getBytes(StandardCharsets.UTF_8), WITH_UUID);
            bits(uuid.getMostSignificantBits());
            bits(uuid.getLeastSignificantBits());
        } else if (halfAPair(text)) {
            bytes(units(text), UTF_16);
        } else {
            bytes(text.getBytes(StandardCharsets.UTF_8), PLAIN);
        }
    }

    private static byte[] units(String text) {
        var units = new byte[2 * text.length()];
        for (int at = 0; at < text.length(); at++) {
            units[2 * at] = (byte) (text.charAt(at) >>> 8);
            units[2 * at + 1] = (byte) text.charAt(at);
        }
        return units;
    }

    private void bytes(byte[] written, int kind) {
        number((long) written.length << KINDS_BITS | kind);
        room(written.length);
        System.arraycopy(written, 0, bytes, length, written.length);
        length += written.length;
    }

    private static UUID uuidAtTheEnd(String text) {
        int start = text.length() - UUID_CHARACTERS;
        if (start < 0 || text.length() > MAX_NAME_CHARACTERS || text.charAt(start + 8) != '-') {
            return null;
        }
        var end = text.substring(start);
        try {
            var uuid = UUID.fromString(end);
            return uuid.toString().equals(end) && !halfAPair(text) ? uuid : null;
        } catch (IllegalArgumentException another) {
            return null;
        }
    }

    private static boolean halfAPair(String text) {
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            if (Character.isSurrogate(unit)) {
                boolean whole = Character.isHighSurrogate(unit)
                        && at + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(at + 1));
                if (!whole) {
                    return true;
                }
                at++;
            }
        }
        return false;
    }

    void numbers(List<Integer> values) {
        number(values.size());
        for (int value : values) {
            number(value & 0xFFFF_FFFFL);
        }
    }

    /** Writes something with its length before it. */
    void part(Runnable content) {
        room(1);
        int start = length++;
        content.run();
        int size = length - start - 1;
        int more = (31 - Integer.numberOfLeadingZeros(size | 1)) / 7;
        room(more);
        System.arraycopy(bytes, start + 1, bytes, start + 1 + more, size);
        length = start;
        number(size);
        length += size;
    }
}
