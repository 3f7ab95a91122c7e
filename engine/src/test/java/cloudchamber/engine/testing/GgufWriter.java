package cloudchamber.engine.testing;

import cloudchamber.engine.gguf.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a GGUF file, version 3; entries and tensors in the order they are given. */
public final class GgufWriter {
    private static final int ALIGNMENT = 32;

    private final Map<String, byte[]> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private record Tensor(List<Long> shape, TensorType type, byte[] data) {}

    /** Adds or replaces text. */
    public GgufWriter text(String key, String value) {
        return entry(key, 8, bytesOf(value));
    }

    /** Adds or replaces a 32-bit unsigned integer. */
    public GgufWriter whole(String key, long value) {
        return entry(key, 4, int32(value));
    }

    /** Adds or replaces a 32-bit float. */
    public GgufWriter real(String key, double value) {
        return entry(key, 6, int32(Float.floatToRawIntBits((float) value)));
    }

    /** Adds or replaces a truth value. */
    public GgufWriter flag(String key, boolean value) {
        return entry(key, 7, new byte[] {(byte) (value ? 1 : 0)});
    }

    public GgufWriter texts(String key, List<String> values) {
        return sequence(key, 8, values.stream().map(GgufWriter::bytesOf).toList());
    }

    public GgufWriter reals(String key, List<Float> values) {
        return sequence(
                key,
                6,
                values.stream()
                        .map(value -> int32(Float.floatToRawIntBits(value)))
                        .toList());
    }

    public GgufWriter wholes(String key, List<Integer> values) {
        return sequence(key, 5, values.stream().map(GgufWriter::int32).toList());
    }

    /** Leaves an entry out again. */
    public GgufWriter without(String key) {
        metadata.remove(key);
        return this;
    }

    /** Leaves a tensor out again. */
    public GgufWriter withoutTensor(String name) {
        tensors.remove(name);
        return this;
    }

    /** Adds or replaces a tensor of type F32 or Q8_0. */
    public GgufWriter tensor(String name, TensorType type, float[] values, long... shape) {
        var data = type == TensorType.F32 ? plain(values) : quantised(values);
        var extents = new ArrayList<Long>();
        for (long extent : shape) {
            extents.add(extent);
        }
        tensors.put(name, new Tensor(extents, type, data));
        return this;
    }

    private static byte[] plain(float[] values) {
        var buffer = little(Float.BYTES * values.length);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }

    /** Q8_0: blocks of 32, a half-precision scale and 32 signed bytes. */
    private static byte[] quantised(float[] values) {
        int block = TensorType.Q8_0.blockElements();
        var buffer = little(values.length / block * TensorType.Q8_0.blockBytes());
        for (int start = 0; start < values.length; start += block) {
            float largest = 0;
            for (int index = start; index < start + block; index++) {
                largest = Math.max(largest, Math.abs(values[index]));
            }
            float scale = largest / 127;
            buffer.putShort(Float.floatToFloat16(scale));
            for (int index = start; index < start + block; index++) {
                buffer.put((byte) (scale == 0 ? 0 : Math.round(values[index] / scale)));
            }
        }
        return buffer.array();
    }

    /** The file's bytes. */
    public byte[] toBytes() {
        var header = new ByteArrayOutputStream();
        header.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        header.writeBytes(int32(3));
        header.writeBytes(int64(tensors.size()));
        header.writeBytes(int64(metadata.size()));
        metadata.forEach((key, value) -> {
            header.writeBytes(bytesOf(key));
            header.writeBytes(value);
        });
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            var tensor = entry.getValue();
            header.writeBytes(bytesOf(entry.getKey()));
            header.writeBytes(int32(tensor.shape().size()));
            tensor.shape().forEach(extent -> header.writeBytes(int64(extent)));
            header.writeBytes(int32(tensor.type().code()));
            header.writeBytes(int64(offset));
            offset += aligned(tensor.data().length);
        }
        pad(header);
        for (var tensor : tensors.values()) {
            header.writeBytes(tensor.data());
            pad(header);
        }
        return header.toByteArray();
    }

    /** Writes the file. */
    public Path write(Path file) {
        try {
            return Files.write(file, toBytes());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private GgufWriter entry(String key, int type, byte[] value) {
        var entry = new ByteArrayOutputStream();
        entry.writeBytes(int32(type));
        entry.writeBytes(value);
        metadata.put(key, entry.toByteArray());
        return this;
    }

    private GgufWriter sequence(String key, int type, List<byte[]> values) {
        var sequence = new ByteArrayOutputStream();
        sequence.writeBytes(int32(type));
        sequence.writeBytes(int64(values.size()));
        values.forEach(sequence::writeBytes);
        return entry(key, 9, sequence.toByteArray());
    }

    private static void pad(ByteArrayOutputStream stream) {
        stream.writeBytes(new byte[(int) (aligned(stream.size()) - stream.size())]);
    }

    private static long aligned(long size) {
        return Math.ceilDiv(size, ALIGNMENT) * ALIGNMENT;
    }

    private static byte[] bytesOf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return little(Long.BYTES + bytes.length)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] int32(long value) {
        return little(Integer.BYTES).putInt((int) value).array();
    }

    private static byte[] int64(long value) {
        return little(Long.BYTES).putLong(value).array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
