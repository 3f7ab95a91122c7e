package cloudchamber.engine.testing;

import cloudchamber.engine.gguf.TensorType;
import cloudchamber.protocol.model.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A model of the Llama family with random weights: nothing it writes means anything, everything it
 * computes is real. The same parameters give the same file, byte for byte.
 *
 * @param spread of the logits: about their standard deviation
 */
public record RandomLlama(int layers, int width, int heads, int keyHeads, int inner, int contextTokens, double spread) {
    /** Small enough to read thousands of tokens a second. */
    public static final RandomLlama TINY = new RandomLlama(2, 64, 4, 2, 96, 512, 2.0);

    public static final String GOOD = "<+>";
    public static final String BAD = "<->";

    /** Pieces beyond the bytes; some end, some hold, some are longer than the step delimiter. */
    private static final List<String> PIECES =
            List.of("\n", "\n\n", "\n\nx", "ab\n\ncd", "\u2581", "\u2581the", "Step", "é", "é\n\n", "漢", "😀");

    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;
    private static final int NORMAL = 1;

    /** The file, open for changes. */
    public GgufWriter writer() {
        var names = new ArrayList<String>();
        var types = new ArrayList<Integer>();
        add(names, types, "<unk>", UNKNOWN);
        add(names, types, "<s>", CONTROL);
        add(names, types, "</s>", CONTROL);
        for (int value = 0; value < 256; value++) {
            add(names, types, "<0x%02X>".formatted(value), BYTE);
        }
        add(names, types, GOOD, USER_DEFINED);
        add(names, types, BAD, USER_DEFINED);
        PIECES.forEach(piece -> add(names, types, piece, NORMAL));
        for (char character = '!'; character <= '~'; character++) {
            add(names, types, String.valueOf(character), NORMAL);
        }
        var scores = new ArrayList<Float>();
        for (int token = 0; token < names.size(); token++) {
            // Longer pieces are preferred.
            scores.add(types.get(token) == NORMAL ? names.get(token).length() - 10f : 0f);
        }

        var writer = new GgufWriter()
                .text("general.architecture", "llama")
                .text("general.name", "random")
                .text("cloudchamber.format", "1")
                .whole("llama.block_count", layers)
                .whole("llama.context_length", contextTokens)
                .whole("llama.embedding_length", width)
                .whole("llama.feed_forward_length", inner)
                .whole("llama.attention.head_count", heads)
                .whole("llama.attention.head_count_kv", keyHeads)
                .real("llama.attention.layer_norm_rms_epsilon", 1e-5)
                .whole("llama.rope.dimension_count", width / heads)
                .real("llama.rope.freq_base", 10000)
                .whole("llama.vocab_size", names.size())
                .text("tokenizer.ggml.model", "llama")
                .texts("tokenizer.ggml.tokens", names)
                .reals("tokenizer.ggml.scores", scores)
                .wholes("tokenizer.ggml.token_type", types)
                .whole("tokenizer.ggml.bos_token_id", 1)
                .whole("tokenizer.ggml.eos_token_id", 2)
                .whole("tokenizer.ggml.unknown_token_id", 0)
                .flag("tokenizer.ggml.add_bos_token", true)
                .flag("tokenizer.ggml.add_space_prefix", false);
        addTensors(writer, names.size());
        return writer;
    }

    private static void add(List<String> names, List<Integer> types, String name, int type) {
        names.add(name);
        types.add(type);
    }

    private void addTensors(GgufWriter writer, int vocabulary) {
        int keyWidth = width / heads * keyHeads;
        double scale = 1 / Math.sqrt(width);
        matrix(writer, 0, "token_embd.weight", 1, width, vocabulary);
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            int key = 10 * (layer + 1);
            constant(writer, block + "attn_norm.weight", 1);
            matrix(writer, key, block + "attn_q.weight", scale, width, width);
            matrix(writer, key + 1, block + "attn_k.weight", scale, width, keyWidth);
            matrix(writer, key + 2, block + "attn_v.weight", scale, width, keyWidth);
            matrix(writer, key + 3, block + "attn_output.weight", scale, width, width);
            constant(writer, block + "ffn_norm.weight", 1);
            matrix(writer, key + 4, block + "ffn_gate.weight", scale, width, inner);
            matrix(writer, key + 5, block + "ffn_up.weight", scale, width, inner);
            matrix(writer, key + 6, block + "ffn_down.weight", 1 / Math.sqrt(inner), inner, width);
        }
        constant(writer, "output_norm.weight", (float) spread);
        matrix(writer, 1, "output.weight", scale, width, vocabulary);
    }

    private void constant(GgufWriter writer, String name, float value) {
        var values = new float[width];
        Arrays.fill(values, value);
        writer.tensor(name, TensorType.F32, values, width);
    }

    /** Uniform values of the given standard deviation. */
    private static void matrix(GgufWriter writer, long key, String name, double deviation, int columns, int rows) {
        var random = new CounterRandom(key);
        var values = new float[columns * rows];
        for (int index = 0; index < values.length; index++) {
            values[index] = (float) (deviation * Math.sqrt(12) * (random.nextDouble() - 0.5));
        }
        writer.tensor(name, TensorType.Q8_0, values, columns, rows);
    }
}
