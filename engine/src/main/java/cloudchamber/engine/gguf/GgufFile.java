package cloudchamber.engine.gguf;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the header of a GGUF file says. One that was read is sound: every tensor is of a known type and
 * lies whole inside the file.
 *
 * @param metadata by key, in the file's order
 */
public record GgufFile(Path path, Map<String, GgufValue> metadata, List<GgufTensor> tensors) {
    /*
     * Layout, little-endian: "GGUF", u32 version, u64 tensors, u64 entries; entries (key, u32 type,
     * value); tensors (name, u32 dimensions, u64 each, u32 type, u64 offset); padding to
     * general.alignment; data. Strings are u64 bytes and UTF-8.
     */
    private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int MAX_DIMENSIONS = 4;
    /** Of a header: far more than any model has, far less than would exhaust memory. */
    private static final long MAX_ENTRIES = 1 << 20;

    private static final long MAX_ARRAY = 1 << 24;

    public GgufFile {
        metadata = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors = List.copyOf(tensors);
    }

    /**
     * Reads and checks a header.
     *
     * @throws EngineException {@code FILE_MISSING}, {@code FILE_UNREADABLE}, {@code FILE_FOREIGN}, {@code
     *     FILE_TRUNCATED}, {@code FILE_CORRUPT} or, for an unknown tensor type, {@code MODEL_UNSUPPORTED}
     */
    public static GgufFile read(Path path) {
        if (Files.isDirectory(path)) {
            throw new EngineException(
                    Category.FILE_UNREADABLE, "a model file must be a GGUF file: was a directory (" + path + ")");
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return read(path, new LittleEndianInput(path, channel));
        } catch (NoSuchFileException missing) {
            throw new EngineException(
                    Category.FILE_MISSING, "a model file must exist: was missing (" + path + ")", missing);
        } catch (IOException unreadable) {
            throw new EngineException(
                    Category.FILE_UNREADABLE,
                    "a model file must be readable: was " + unreadable.getMessage() + " (" + path + ")",
                    unreadable);
        }
    }

    private static GgufFile read(Path path, LittleEndianInput input) throws IOException {
        if (input.remaining() < Integer.BYTES || input.int32() != MAGIC) {
            throw new EngineException(
                    Category.FILE_FOREIGN, "a model file must start with GGUF: did not (" + path + ")");
        }
        int version = input.int32();
        if (version != 2 && version != 3) {
            throw new EngineException(
                    Category.FILE_FOREIGN, "the GGUF version must be 2 or 3: was " + version + " (" + path + ")");
        }
        long tensorCount = input.count(MAX_ENTRIES, "tensors");
        long entryCount = input.count(MAX_ENTRIES, "metadata entries");

        var metadata = new LinkedHashMap<String, GgufValue>();
        for (long entry = 0; entry < entryCount; entry++) {
            String key = input.text();
            if (metadata.put(key, value(input, input.int32(), key)) != null) {
                throw input.corrupt("metadata keys must differ: was twice [" + key + "]");
            }
        }
        long alignment = alignment(input, metadata);

        var tensors = new ArrayList<GgufTensor>();
        var names = new HashSet<String>();
        for (long tensor = 0; tensor < tensorCount; tensor++) {
            var read = tensor(input, alignment);
            if (!names.add(read.name())) {
                throw input.corrupt("tensor names must differ: was twice [" + read.name() + "]");
            }
            tensors.add(read);
        }
        requireInside(path, input, tensors, alignment);
        return new GgufFile(path, metadata, tensors);
    }

    private static void requireInside(Path path, LittleEndianInput input, List<GgufTensor> tensors, long alignment) {
        long dataStart = Math.ceilDiv(input.position(), alignment) * alignment;
        for (var tensor : tensors) {
            if (tensor.offsetBytes() > input.size()
                    || dataStart + tensor.offsetBytes() + tensor.sizeBytes() > input.size()) {
                throw new EngineException(
                        Category.FILE_TRUNCATED,
                        "tensor [" + tensor.name() + "] must end by byte " + input.size() + " of the file: ends at "
                                + (dataStart + tensor.offsetBytes() + tensor.sizeBytes()) + " (" + path + ")");
            }
        }
    }

    private static long alignment(LittleEndianInput input, Map<String, GgufValue> metadata) {
        return switch (metadata.get("general.alignment")) {
            case null -> DEFAULT_ALIGNMENT;
            case GgufValue.Whole(long value) when value >= 8 && value <= 1 << 20 && Long.bitCount(value) == 1 -> value;
            case GgufValue other ->
                throw input.corrupt("general.alignment must be a power of two between 8 and 1048576: was " + other);
        };
    }

    private static GgufTensor tensor(LittleEndianInput input, long alignment) throws IOException {
        String name = input.text();
        int dimensions = input.int32();
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw input.corrupt("tensor [" + name + "] must have 1 to 4 dimensions: was " + dimensions);
        }
        var shape = new ArrayList<Long>();
        long elements = 1;
        for (int dimension = 0; dimension < dimensions; dimension++) {
            long extent = input.int64();
            if (extent < 1 || extent > Integer.MAX_VALUE || elements > (1L << 40) / extent) {
                throw input.corrupt("tensor [" + name + "] must have a sensible shape: dimension " + dimension + " was "
                        + Long.toUnsignedString(extent));
            }
            elements *= extent;
            shape.add(extent);
        }
        int code = input.int32();
        var type = TensorType.of(code)
                .orElseThrow(() -> new EngineException(
                        Category.MODEL_UNSUPPORTED,
                        "tensor [" + name + "] must be of a known type: was type " + code + " (" + input.path() + ")"));
        if (shape.getFirst() % type.blockElements() != 0) {
            throw input.corrupt("a row of tensor [" + name + "] must be a multiple of " + type.blockElements()
                    + " elements for " + type + ": was " + shape.getFirst());
        }
        long offset = input.int64();
        if (offset < 0 || offset % alignment != 0) {
            throw input.corrupt("tensor [" + name + "] must start at a multiple of " + alignment + " bytes: was "
                    + Long.toUnsignedString(offset));
        }
        return new GgufTensor(name, shape, type, offset, elements / type.blockElements() * type.blockBytes());
    }

    private static GgufValue value(LittleEndianInput input, int type, String key) throws IOException {
        return switch (type) {
            case 0 -> new GgufValue.Whole(input.int8() & 0xFF);
            case 1 -> new GgufValue.Whole(input.int8());
            case 2 -> new GgufValue.Whole(input.int16() & 0xFFFF);
            case 3 -> new GgufValue.Whole(input.int16());
            case 4 -> new GgufValue.Whole(input.int32() & 0xFFFFFFFFL);
            case 5 -> new GgufValue.Whole(input.int32());
            case 6 -> new GgufValue.Real(Float.intBitsToFloat(input.int32()));
            case 7 -> new GgufValue.Flag(input.int8() != 0);
            case 8 -> new GgufValue.Text(input.text());
            case 9 -> sequence(input, key);
            case 10 -> unsigned(input, key);
            case 11 -> new GgufValue.Whole(input.int64());
            case 12 -> new GgufValue.Real(Double.longBitsToDouble(input.int64()));
            default -> throw input.corrupt("metadata [" + key + "] must be of type 0 to 12: was " + type);
        };
    }

    private static GgufValue unsigned(LittleEndianInput input, String key) throws IOException {
        long value = input.int64();
        if (value < 0) {
            throw input.corrupt("metadata [" + key + "] must fit 63 bits: was " + Long.toUnsignedString(value));
        }
        return new GgufValue.Whole(value);
    }

    private static GgufValue sequence(LittleEndianInput input, String key) throws IOException {
        int type = input.int32();
        if (type == 9) {
            throw input.corrupt("metadata [" + key + "] must not nest arrays: did");
        }
        long count = input.count(MAX_ARRAY, "values of [" + key + "]");
        var values = new ArrayList<GgufValue>((int) Math.min(count, input.remaining()));
        for (long item = 0; item < count; item++) {
            values.add(value(input, type, key));
        }
        return new GgufValue.Sequence(values);
    }

    /** The text under {@code key}, if there is text. */
    public Optional<String> text(String key) {
        return metadata.get(key) instanceof GgufValue.Text(String value) ? Optional.of(value) : Optional.empty();
    }

    /** The integer under {@code key}, if there is one. */
    public Optional<Long> whole(String key) {
        return metadata.get(key) instanceof GgufValue.Whole(long value) ? Optional.of(value) : Optional.empty();
    }

    /** The truth value under {@code key}, if there is one. */
    public Optional<Boolean> flag(String key) {
        return metadata.get(key) instanceof GgufValue.Flag(boolean value) ? Optional.of(value) : Optional.empty();
    }

    /** The array under {@code key}, if there is one. */
    public Optional<List<GgufValue>> sequence(String key) {
        return metadata.get(key) instanceof GgufValue.Sequence(var values) ? Optional.of(values) : Optional.empty();
    }

    /** The tensor of this name, if there is one. */
    public Optional<GgufTensor> tensor(String name) {
        return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }
}
