package cloudchamber.engine.binding;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A struct of the library, as data: its size and the fields that are looked at, by the library's own
 * names.
 *
 * @param sizeBytes a multiple of 8
 */
public record Struct(int sizeBytes, Map<String, Field> fields) {
    /** What a field holds. */
    public enum Kind {
        WHOLE,
        REAL,
        TRUTH
    }

    /**
     * One field.
     *
     * @param offset in bytes
     * @param initial what the library's default parameters hold there; a truth value is 0 or 1
     */
    public record Field(Kind kind, int offset, float initial) {}

    public Struct {
        fields = new LinkedHashMap<>(fields);
    }

    static Struct ofBytes(int sizeBytes) {
        return new Struct(sizeBytes, Map.of());
    }

    Struct whole(String name, int offset, int initial) {
        return with(name, new Field(Kind.WHOLE, offset, initial));
    }

    Struct real(String name, int offset, float initial) {
        return with(name, new Field(Kind.REAL, offset, initial));
    }

    Struct truth(String name, int offset, boolean initial) {
        return with(name, new Field(Kind.TRUTH, offset, initial ? 1 : 0));
    }

    private Struct with(String name, Field field) {
        var more = new LinkedHashMap<>(fields);
        more.put(name, field);
        return new Struct(sizeBytes, more);
    }

    /** How the struct crosses over: by value, through memory, for which only its size counts. */
    MemoryLayout layout() {
        return MemoryLayout.structLayout(MemoryLayout.sequenceLayout(sizeBytes / Long.BYTES, ValueLayout.JAVA_LONG));
    }

    /** Sets a whole number or a truth value (0 or 1). */
    void set(MemorySegment memory, String name, int value) {
        var field = fields.get(name);
        switch (field.kind()) {
            case WHOLE -> memory.set(JAVA_INT, field.offset(), value);
            case TRUTH -> memory.set(JAVA_BOOLEAN, field.offset(), value != 0);
            case REAL -> memory.set(JAVA_FLOAT, field.offset(), value);
        }
    }

    /** What the default parameters must hold, by name. */
    Map<String, Float> expected() {
        var expected = new LinkedHashMap<String, Float>();
        fields.forEach((name, field) -> expected.put(name, field.initial()));
        return expected;
    }

    /** What they do hold. */
    Map<String, Float> seen(MemorySegment memory) {
        var seen = new LinkedHashMap<String, Float>();
        fields.forEach((name, field) -> seen.put(
                name,
                switch (field.kind()) {
                    case WHOLE -> (float) memory.get(JAVA_INT, field.offset());
                    case REAL -> memory.get(JAVA_FLOAT, field.offset());
                    // As a byte: where the layout is wrong, anything may stand there.
                    case TRUTH -> (float) memory.get(ValueLayout.JAVA_BYTE, field.offset());
                }));
        return seen;
    }
}
