package cloudchamber.engine.binding;

/** The tokens of one call of the library, in order. Filled, decoded, cleared, filled again. */
public final class TokenBatch {
    private final int[] tokens;
    private final int[] positions;
    private final int[] sequences;
    private final boolean[] outputs;
    private int size;

    public TokenBatch(int capacity) {
        tokens = new int[capacity];
        positions = new int[capacity];
        sequences = new int[capacity];
        outputs = new boolean[capacity];
    }

    /**
     * Adds a token.
     *
     * @param output whether the logits after it are wanted
     * @return its index, by which the logits are asked for
     */
    public int add(int token, int position, int sequence, boolean output) {
        tokens[size] = token;
        positions[size] = position;
        sequences[size] = sequence;
        outputs[size] = output;
        return size++;
    }

    public int size() {
        return size;
    }

    /** The most tokens it holds. */
    public int capacity() {
        return tokens.length;
    }

    /** How many more tokens fit. */
    public int room() {
        return tokens.length - size;
    }

    public void clear() {
        size = 0;
    }

    int token(int index) {
        return tokens[index];
    }

    int position(int index) {
        return positions[index];
    }

    int sequence(int index) {
        return sequences[index];
    }

    boolean output(int index) {
        return outputs[index];
    }
}
