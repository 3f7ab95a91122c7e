package cloudchamber.engine.gguf;

import java.util.List;

/**
 * One tensor of a file.
 *
 * @param shape elements in each dimension, the contiguous one first; one to four, each at least 1
 * @param offsetBytes from the start of the file's data section
 */
public record GgufTensor(String name, List<Long> shape, TensorType type, long offsetBytes, long sizeBytes) {
    public GgufTensor {
        shape = List.copyOf(shape);
    }
}
