package cloudchamber.engine.gguf;

import java.util.List;

/** One metadata value of a GGUF file; the integer widths of the file are not kept. */
public sealed interface GgufValue {

    /** Any integer; an unsigned 64-bit one beyond {@link Long#MAX_VALUE} is refused when it is read. */
    record Whole(long value) implements GgufValue {}

    /** A 32- or 64-bit float. */
    record Real(double value) implements GgufValue {}

    /** A truth value. */
    record Flag(boolean value) implements GgufValue {}

    /** UTF-8 text. */
    record Text(String value) implements GgufValue {}

    /** An array of any one of the above. */
    record Sequence(List<GgufValue> values) implements GgufValue {
        public Sequence {
            values = List.copyOf(values);
        }
    }
}
