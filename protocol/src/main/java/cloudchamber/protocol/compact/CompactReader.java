package cloudchamber.protocol.compact;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** Reads what {@link CompactWriter} wrote. Throws IllegalArgumentException for what it cannot have written. */
final class CompactReader {
    private final List<String> texts = new ArrayList<>();
    private final byte[] bytes;
    private int at;
    private int end;

    CompactReader(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    /** Whether more fields follow in this part. */
    boolean hasMore() {
        return at < end;
    }

    private byte next() {
        if (at >= end) {
            throw new IllegalArgumentException("a message must go on at byte " + at + ": was over");
        }
        return bytes[at++];
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = next();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number must have at most 10 bytes: had more at byte " + at);
    }

    /** A number that an int holds. */
    int count() {
        long value = number();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a number must be between 0 and " + Integer.MAX_VALUE + " before byte " + at + ": was " + value);
        }
        return (int) value;
    }

    long bits() {
        long value = 0;
        for (int byteNumber = 0; byteNumber < Long.BYTES; byteNumber++) {
            value = value << 8 | next() & 0xFF;
        }
        return value;
    }

    double real() {
        return Double.longBitsToDouble(Long.reverseBytes(number()));
    }

    /** The constant with that number. */
    <T extends Enum<T>> T constant(T[] constants) {
        int number = count();
        if (number >= constants.length) {
            throw new IllegalArgumentException(
                    "a constant's number must be below " + constants.length + ": was " + number);
        }
        return constants[number];
    }

    String text() {
        long head = number();
        int kind = (int) (head & (1 << CompactWriter.KINDS_BITS) - 1);
        long size = head >>> CompactWriter.KINDS_BITS;
        if (kind == CompactWriter.AGAIN) {
            if (size >= texts.size()) {
                throw new IllegalArgumentException(
                        "a text's number must be below " + texts.size() + " before byte " + at + ": was " + size);
            }
            return texts.get((int) size);
        }
        var text = switch (kind) {
            case CompactWriter.WITH_UUID -> string(size) + new UUID(bits(), bits());
            case CompactWriter.UTF_16 -> units(size);
            default -> string(size);
        };
        texts.add(text);
        return text;
    }

    private String string(long size) {
        var text = new String(bytes, at, fitting(size), StandardCharsets.UTF_8);
        at += (int) size;
        return text;
    }

    private String units(long size) {
        var units = new char[fitting(size) / 2];
        for (int index = 0; index < units.length; index++) {
            units[index] = (char) (next() << 8 | next() & 0xFF);
        }
        return new String(units);
    }

    private int fitting(long size) {
        if (size > end - at) {
            throw new IllegalArgumentException(
                    "what begins at byte " + at + " must have at most " + (end - at) + " bytes: was " + size);
        }
        return (int) size;
    }

    List<Integer> numbers() {
        int count = fitting(number());
        var values = new Integer[count];
        for (int index = 0; index < count; index++) {
            values[index] = (int) number();
        }
        return List.of(values);
    }

    /** So many of something; each takes a byte at least. */
    <T> List<T> list(Supplier<T> element) {
        int count = fitting(number());
        var elements = new ArrayList<T>(count);
        for (int index = 0; index < count; index++) {
            elements.add(element.get());
        }
        return elements;
    }

    /** Something with its length before it; what it leaves unread was added by a later version. */
    <T> T part(Supplier<T> content) {
        int size = fitting(number());
        int outerEnd = end;
        end = at + size;
        var read = content.get();
        at = end;
        end = outerEnd;
        return read;
    }
}
