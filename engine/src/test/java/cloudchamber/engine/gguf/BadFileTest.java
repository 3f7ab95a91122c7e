package cloudchamber.engine.gguf;

import static cloudchamber.engine.fault.EngineException.Category.FILE_CORRUPT;
import static cloudchamber.engine.fault.EngineException.Category.FILE_FOREIGN;
import static cloudchamber.engine.fault.EngineException.Category.FILE_MISSING;
import static cloudchamber.engine.fault.EngineException.Category.FILE_TRUNCATED;
import static cloudchamber.engine.fault.EngineException.Category.FILE_UNREADABLE;
import static cloudchamber.engine.fault.EngineException.Category.MODEL_UNSUPPORTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.Model;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.testing.GgufWriter;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.protocol.model.CounterRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file a model might be mistaken for ends in a sentence, none in the end of the process. */
@ParameterizedClass
@EnumSource(TestLibrary.class)
class BadFileTest {
    private static final byte[] SOUND = RandomLlama.TINY.writer().toBytes();

    private final LibraryChoice library;

    @TempDir
    private Path folder;

    BadFileTest(TestLibrary library) {
        this.library = library.choice();
    }

    static Stream<Arguments> bytes() {
        return Stream.of(
                Arguments.of("empty", new byte[0], FILE_FOREIGN, "must start with GGUF"),
                Arguments.of(
                        "text", "{\"a\":1}".getBytes(StandardCharsets.UTF_8), FILE_FOREIGN, "must start with GGUF"),
                Arguments.of("version 9", patched(4, 9), FILE_FOREIGN, "the GGUF version must be 2 or 3: was 9"),
                Arguments.of("magic only", Arrays.copyOf(SOUND, 4), FILE_TRUNCATED, "the file ends at byte 4"),
                Arguments.of("half a header", Arrays.copyOf(SOUND, 3000), FILE_TRUNCATED, "the file ends at byte 3000"),
                Arguments.of(
                        "one byte short",
                        Arrays.copyOf(SOUND, SOUND.length - 40),
                        FILE_TRUNCATED,
                        "tensor [output.weight] must end by byte"),
                Arguments.of(
                        "tensors without end", patched(8, -1), FILE_CORRUPT, "the number of tensors must be at most"),
                Arguments.of("entries without end", patched(20, 0x7FFFFFFF), FILE_CORRUPT, "metadata entries must be"));
    }

    private static byte[] patched(int offset, int value) {
        byte[] bytes = SOUND.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return bytes;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bytes")
    void badBytesAreNamed(String name, byte[] bytes, Category category, String message) throws IOException {
        assertRefused(Files.write(folder.resolve("bad.gguf"), bytes), category, message);
    }

    static Stream<Arguments> contents() {
        return Stream.of(
                content(
                        "another family",
                        writer -> writer.text("general.architecture", "bert"),
                        MODEL_UNSUPPORTED,
                        "the architecture must be one of [llama, qwen2]: was bert"),
                content(
                        "no family",
                        writer -> writer.without("general.architecture"),
                        FILE_CORRUPT,
                        "general.architecture must be given"),
                content(
                        "no heads",
                        writer -> writer.whole("llama.attention.head_count", 0),
                        FILE_CORRUPT,
                        "llama.attention.head_count must be in [1, 1048576]: was 0"),
                content(
                        "odd heads",
                        writer -> writer.whole("llama.attention.head_count", 7),
                        FILE_CORRUPT,
                        "the heads must divide the width"),
                content(
                        "a text for a number",
                        writer -> writer.text("llama.block_count", "two"),
                        FILE_CORRUPT,
                        "llama.block_count must be an integer"),
                content(
                        "more layers than tensors",
                        writer -> writer.whole("llama.block_count", 3),
                        MODEL_UNSUPPORTED,
                        "the native library must load the model: said ["),
                content(
                        "layers without end",
                        writer -> writer.whole("llama.block_count", 513),
                        FILE_CORRUPT,
                        "llama.block_count must be in [1, 512]: was 513"),
                content(
                        "experts",
                        writer -> writer.whole("llama.expert_count", 2000),
                        MODEL_UNSUPPORTED,
                        "llama.expert_count must be 0 or missing"),
                content(
                        "a view of the future",
                        writer -> writer.flag("llama.attention.causal", false),
                        MODEL_UNSUPPORTED,
                        "llama.attention.causal must be true or missing"),
                content(
                        "an unknown scaling",
                        writer -> writer.text("llama.rope.scaling.type", "log"),
                        MODEL_UNSUPPORTED,
                        "llama.rope.scaling.type must be one of [linear, none, yarn]"),
                content(
                        "a token twice",
                        BadFileTest::withATokenTwice,
                        FILE_CORRUPT,
                        "tokenizer.ggml.tokens must differ"),
                content(
                        "another width",
                        writer -> writer.whole("llama.embedding_length", 128),
                        FILE_CORRUPT,
                        "tensor [token_embd.weight] must be [128, "),
                content(
                        "no weights",
                        writer -> writer.withoutTensor("token_embd.weight"),
                        FILE_CORRUPT,
                        "tensor [token_embd.weight] must be there"),
                content(
                        "a layer without its norm",
                        writer -> writer.withoutTensor("blk.1.ffn_norm.weight"),
                        MODEL_UNSUPPORTED,
                        "blk.1.ffn_norm.weight"),
                content(
                        "another tokenizer",
                        writer -> writer.text("tokenizer.ggml.model", "t5"),
                        MODEL_UNSUPPORTED,
                        "tokenizer.ggml.model must be llama or gpt2: was t5"),
                content(
                        "few scores",
                        writer -> writer.reals("tokenizer.ggml.scores", List.of(1f)),
                        FILE_CORRUPT,
                        "tokenizer.ggml.scores must have one value a token"),
                content(
                        "no types",
                        writer -> writer.without("tokenizer.ggml.token_type"),
                        FILE_CORRUPT,
                        "tokenizer.ggml.token_type must be an array: was missing"),
                content(
                        "no byte tokens",
                        BadFileTest::withoutByteTokens,
                        MODEL_UNSUPPORTED,
                        "must have all 256 byte tokens: 256 are missing, <0x00> first"),
                content(
                        "an end outside",
                        writer -> writer.whole("tokenizer.ggml.eos_token_id", 100_000),
                        FILE_CORRUPT,
                        "tokenizer.ggml.eos_token_id must be a token in [0, "),
                content(
                        "values that are no numbers",
                        BadFileTest::withoutNumbers,
                        MODEL_UNSUPPORTED,
                        "the native library must load the model"),
                content(
                        "an odd alignment",
                        writer -> writer.whole("general.alignment", 12),
                        FILE_CORRUPT,
                        "general.alignment must be a power of two"));
    }

    private static Arguments content(String name, UnaryOperator<GgufWriter> change, Category category, String message) {
        return Arguments.of(name, change.apply(RandomLlama.TINY.writer()), category, message);
    }

    private static GgufWriter withoutByteTokens(GgufWriter writer) {
        int vocabulary = vocabulary();
        return writer.wholes("tokenizer.ggml.token_type", Collections.nCopies(vocabulary, 1));
    }

    private static GgufWriter withATokenTwice(GgufWriter writer) {
        return writer.texts("tokenizer.ggml.tokens", Collections.nCopies(vocabulary(), "a"));
    }

    private static GgufWriter withoutNumbers(GgufWriter writer) {
        var values = new float[64];
        Arrays.fill(values, Float.NaN);
        return writer.tensor("output_norm.weight", TensorType.F32, values, 64);
    }

    private static int vocabulary() {
        return Models.tiny(TestLibrary.BUNDLED_B4916).tokenizer().vocabularySize();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contents")
    void badContentsAreNamed(String name, GgufWriter writer, Category category, String message) {
        assertRefused(writer.write(folder.resolve("bad.gguf")), category, message);
    }

    @Test
    void aFileThatIsNotThereIsMissing() {
        assertRefused(folder.resolve("none.gguf"), FILE_MISSING, "a model file must exist");
        assertRefused(folder, FILE_UNREADABLE, "was a directory");
    }

    /** Bytes of the header changed at random, seed fixed: a model or a sentence, nothing else. */
    @Test
    void damagedHeadersAreLoadedOrRefused() throws IOException {
        var random = new CounterRandom(99);
        var file = folder.resolve("damaged.gguf");
        for (int round = 0; round < 300; round++) {
            byte[] bytes = SOUND.clone();
            for (int change = 0; change < 3; change++) {
                bytes[random.nextInt(9000)] = (byte) random.nextInt(256);
            }
            Files.write(file, bytes);
            try {
                Model.load(file, library).close();
            } catch (EngineException refused) {
                assertThat(refused.getMessage()).contains("damaged.gguf");
            }
        }
    }

    private void assertRefused(Path file, Category category, String message) {
        assertThatThrownBy(() -> Model.load(file, library).close())
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.category()).isEqualTo(category))
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString());
    }
}
