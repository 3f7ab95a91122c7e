package cloudchamber.engine.gguf;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a GGUF file says about the language model in it, checked as far as the native library would
 * trust it blindly.
 *
 * @param contextTokens the most tokens the model was trained to read
 * @param heads of attention in each layer
 * @param parameters elements of all tensors
 * @param weights the element type that holds most of the weights
 * @param texts the metadata that is no array, as text
 */
public record ModelHeader(
        String architecture,
        int contextTokens,
        int vocabularySize,
        int layers,
        int heads,
        long parameters,
        TensorType weights,
        Map<String, String> texts) {
    /*
     * The library divides by these numbers, indexes scores and types by token, looks byte tokens up by name
     * without asking whether they are there, and asserts what it assumes (spellings that differ, no more
     * layers than it has room for, attention to the past only): each would end the process. What it checks
     * itself (names and shapes of the layers' tensors) is left to it. Mixtures of experts and poolings are
     * refused because nothing here was tried with them.
     */
    private static final Set<String> ARCHITECTURES = Set.of("llama", "qwen2");
    private static final String SENTENCE_PIECE = "llama";
    private static final String BYTE_PAIRS = "gpt2";
    private static final long MAX_SIZE = 1 << 20;
    private static final long MAX_LAYERS = 512;
    private static final long BYTE_TOKEN = 6;
    private static final long HALF_BYTES = 2;
    private static final Set<String> SCALINGS = Set.of("none", "linear", "yarn");
    private static final List<String> ABSENT = List.of(
            "expert_count",
            "expert_used_count",
            "expert_group_count",
            "expert_group_used_count",
            "nextn_predict_layers",
            "pooling_type",
            "embedding_length_out");

    public ModelHeader {
        texts = Map.copyOf(texts);
    }

    /** What one token of one text takes in memory: a key and a value in half precision for each layer. */
    public long cacheBytesPerToken() {
        long head = number("embedding_length", 0) / heads;
        long keyHeads = number("attention.head_count_kv", heads);
        long elements = number("attention.key_length", head) + number("attention.value_length", head);
        return layers * keyHeads * elements * HALF_BYTES;
    }

    private long number(String name, long otherwise) {
        var text = texts.get(architecture + "." + name);
        return text == null ? otherwise : Long.parseLong(text);
    }

    /**
     * The header of a model this engine runs.
     *
     * @throws EngineException {@code MODEL_UNSUPPORTED} or {@code FILE_CORRUPT}
     */
    public static ModelHeader of(GgufFile file) {
        String architecture = file.text("general.architecture")
                .orElseThrow(() -> corrupt(file, "general.architecture must be given: was missing"));
        if (!ARCHITECTURES.contains(architecture)) {
            throw unsupported(
                    file,
                    "the architecture must be one of "
                            + ARCHITECTURES.stream().sorted().toList() + ": was " + architecture);
        }
        long layers = size(file, architecture + ".block_count", MAX_LAYERS);
        long width = size(file, architecture + ".embedding_length");
        size(file, architecture + ".feed_forward_length");
        long context = size(file, architecture + ".context_length");
        long heads = size(file, architecture + ".attention.head_count");
        String keyHeadsKey = architecture + ".attention.head_count_kv";
        long keyHeads = file.metadata().containsKey(keyHeadsKey) ? size(file, keyHeadsKey) : heads;
        if (width % heads != 0 || heads % keyHeads != 0) {
            throw corrupt(
                    file,
                    "the heads must divide the width and be shared evenly: were " + heads + " and " + keyHeads
                            + " for width " + width);
        }
        requirePlain(file, architecture + ".");
        long vocabulary = vocabulary(file);
        var embedding = file.tensor("token_embd.weight")
                .orElseThrow(() -> corrupt(file, "tensor [token_embd.weight] must be there: was missing"));
        if (!embedding.shape().equals(List.of(width, vocabulary))) {
            throw corrupt(
                    file,
                    "tensor [token_embd.weight] must be " + List.of(width, vocabulary) + ": was " + embedding.shape());
        }
        return new ModelHeader(
                architecture,
                (int) context,
                (int) vocabulary,
                (int) layers,
                (int) heads,
                parameters(file),
                weights(file),
                texts(file));
    }

    /** A dense model that looks at its past only. */
    private static void requirePlain(GgufFile file, String family) {
        for (var name : ABSENT) {
            var value = file.metadata().get(family + name);
            if (value != null && !(value instanceof GgufValue.Whole(long number) && number == 0)) {
                throw unsupported(file, family + name + " must be 0 or missing: was " + value);
            }
        }
        var causal = file.metadata().get(family + "attention.causal");
        if (causal != null && !causal.equals(new GgufValue.Flag(true))) {
            throw unsupported(file, family + "attention.causal must be true or missing: was " + causal);
        }
        var scaling = file.metadata().get(family + "rope.scaling.type");
        if (scaling != null && !(scaling instanceof GgufValue.Text(String kind) && SCALINGS.contains(kind))) {
            throw unsupported(
                    file,
                    family + "rope.scaling.type must be one of "
                            + SCALINGS.stream().sorted().toList() + ": was " + scaling);
        }
        for (var name : List.of("attention.key_length", "attention.value_length")) {
            if (file.metadata().containsKey(family + name)) {
                size(file, family + name);
            }
        }
    }

    private static long vocabulary(GgufFile file) {
        String kind = file.text("tokenizer.ggml.model").orElse("missing");
        if (!kind.equals(SENTENCE_PIECE) && !kind.equals(BYTE_PAIRS)) {
            throw unsupported(
                    file, "tokenizer.ggml.model must be " + SENTENCE_PIECE + " or " + BYTE_PAIRS + ": was " + kind);
        }
        var tokens = sequence(file, "tokenizer.ggml.tokens", GgufValue.Text.class);
        if (tokens.isEmpty()) {
            throw corrupt(file, "tokenizer.ggml.tokens must not be empty: was");
        }
        requireDifferent(file, tokens);
        boolean pieces = kind.equals(SENTENCE_PIECE);
        requireParallel(file, "tokenizer.ggml.scores", GgufValue.Real.class, tokens.size(), pieces);
        requireParallel(file, "tokenizer.ggml.token_type", GgufValue.Whole.class, tokens.size(), pieces);
        if (pieces) {
            requireByteTokens(file, tokens);
        } else {
            sequence(file, "tokenizer.ggml.merges", GgufValue.Text.class);
        }
        for (var entry : file.metadata().entrySet()) {
            if (entry.getKey().startsWith("tokenizer.ggml.")
                    && entry.getKey().endsWith("_token_id")
                    && !(entry.getValue() instanceof GgufValue.Whole(long id) && id >= 0 && id < tokens.size())) {
                throw corrupt(
                        file,
                        entry.getKey() + " must be a token in [0, " + tokens.size() + "): was " + entry.getValue());
            }
        }
        return tokens.size();
    }

    private static void requireDifferent(GgufFile file, List<GgufValue> tokens) {
        var seen = new HashSet<String>();
        for (int token = 0; token < tokens.size(); token++) {
            String spelling = ((GgufValue.Text) tokens.get(token)).value();
            // The library's own name for a token without one.
            if (!seen.add(spelling.isEmpty() ? "[EMPTY_" + token + "]" : spelling)) {
                throw corrupt(
                        file, "tokenizer.ggml.tokens must differ: token " + token + " is [" + spelling + "] once more");
            }
        }
    }

    private static void requireByteTokens(GgufFile file, List<GgufValue> tokens) {
        var types = sequence(file, "tokenizer.ggml.token_type", GgufValue.Whole.class);
        var missing = new HashSet<String>();
        for (int value = 0; value < 256; value++) {
            missing.add("<0x%02X>".formatted(value));
        }
        for (int token = 0; token < tokens.size(); token++) {
            if (types.get(token) instanceof GgufValue.Whole(long type)
                    && type == BYTE_TOKEN
                    && tokens.get(token) instanceof GgufValue.Text(String text)) {
                missing.remove(text);
            }
        }
        if (!missing.isEmpty()) {
            throw unsupported(
                    file,
                    "a vocabulary of pieces must have all 256 byte tokens: " + missing.size() + " are missing, "
                            + missing.stream().sorted().findFirst().orElseThrow() + " first");
        }
    }

    private static void requireParallel(
            GgufFile file, String key, Class<? extends GgufValue> kind, int size, boolean needed) {
        if (!needed && !file.metadata().containsKey(key)) {
            return;
        }
        int seen = sequence(file, key, kind).size();
        if (seen != size) {
            throw corrupt(file, key + " must have one value a token, " + size + ": has " + seen);
        }
    }

    private static List<GgufValue> sequence(GgufFile file, String key, Class<? extends GgufValue> kind) {
        var values = file.sequence(key)
                .orElseThrow(() -> corrupt(
                        file,
                        key + " must be an array: was " + (file.metadata().containsKey(key) ? "none" : "missing")));
        for (var value : values) {
            if (!kind.isInstance(value)) {
                throw corrupt(file, key + " must hold " + kind.getSimpleName() + " values: held " + value);
            }
        }
        return values;
    }

    private static long size(GgufFile file, String key) {
        return size(file, key, MAX_SIZE);
    }

    private static long size(GgufFile file, String key, long most) {
        long value = file.whole(key)
                .orElseThrow(() -> corrupt(
                        file,
                        key + " must be an integer: was " + (file.metadata().containsKey(key) ? "none" : "missing")));
        if (value < 1 || value > most) {
            throw corrupt(file, key + " must be in [1, " + most + "]: was " + value);
        }
        return value;
    }

    private static long parameters(GgufFile file) {
        return file.tensors().stream()
                .mapToLong(tensor -> tensor.sizeBytes()
                        / tensor.type().blockBytes()
                        * tensor.type().blockElements())
                .sum();
    }

    private static TensorType weights(GgufFile file) {
        var bytes = new HashMap<TensorType, Long>();
        for (var tensor : file.tensors()) {
            bytes.merge(tensor.type(), tensor.sizeBytes(), Long::sum);
        }
        return bytes.entrySet().stream()
                .max(Comparator.<Map.Entry<TensorType, Long>>comparingLong(Map.Entry::getValue)
                        .thenComparing(Map.Entry::getKey))
                .orElseThrow(() -> corrupt(file, "a model must have tensors: has none"))
                .getKey();
    }

    private static Map<String, String> texts(GgufFile file) {
        var texts = new TreeMap<String, String>();
        file.metadata().forEach((key, value) -> {
            switch (value) {
                case GgufValue.Text(String text) -> texts.put(key, text);
                case GgufValue.Whole(long number) -> texts.put(key, Long.toString(number));
                case GgufValue.Real(double number) -> texts.put(key, Double.toString(number));
                case GgufValue.Flag(boolean flag) -> texts.put(key, Boolean.toString(flag));
                case GgufValue.Sequence(var left) -> {}
            }
        });
        return texts;
    }

    private static EngineException corrupt(GgufFile file, String message) {
        return new EngineException(Category.FILE_CORRUPT, message + " (" + file.path() + ")");
    }

    private static EngineException unsupported(GgufFile file, String message) {
        return new EngineException(Category.MODEL_UNSUPPORTED, message + " (" + file.path() + ")");
    }
}
