package cloudchamber.engine;

import cloudchamber.engine.binding.NativeModel;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Plain;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Text to tokens and back, for one model. Safe for use by several threads.
 *
 * <p>A token stands for bytes, which need not be whole characters: the text of a list of tokens is the
 * UTF-8 reading of all their bytes together. A control token stands for no bytes.
 */
public final class Tokenizer {
    private static final int BYTE_VALUES = 256;

    private final NativeModel model;
    private final byte[][] pieces; // by token
    private final int[] byteTokens = new int[BYTE_VALUES]; // -1 where a byte has no token of its own
    private final Map<String, Integer> spellings = new HashMap<>();
    private final boolean[] ends;

    Tokenizer(NativeModel model) {
        this.model = model;
        int size = model.vocabularySize();
        pieces = new byte[size][];
        ends = new boolean[size];
        Arrays.fill(byteTokens, -1);
        for (int token = 0; token < size; token++) {
            pieces[token] = model.piece(token, false);
            ends[token] = model.ends(token);
            if (pieces[token].length == 1 && byteTokens[pieces[token][0] & 0xFF] < 0) {
                byteTokens[pieces[token][0] & 0xFF] = token;
            }
            spellings.putIfAbsent(new String(model.piece(token, true), StandardCharsets.ISO_8859_1), token);
        }
    }

    /** The tokens of a text as it stands: control tokens are not recognised, nothing is added. */
    public Tokens encode(String text) {
        return Tokens.of(model.tokenize(text.getBytes(StandardCharsets.UTF_8), false));
    }

    /** The tokens of a text in which the spelling of a control token means that token; nothing is added. */
    public Tokens encodeWithControls(String text) {
        return Tokens.of(model.tokenize(text.getBytes(StandardCharsets.UTF_8), true));
    }

    /** The tokens of a prompt in the model's own form. */
    public Tokens encode(RenderedPrompt prompt) {
        var tokens = Tokens.NONE;
        for (var part :
                prompt.withControls(spelling -> token(spelling).isPresent()).parts()) {
            tokens = tokens.plus(
                    switch (part) {
                        case Beginning none -> beginning().map(Tokens::of).orElse(Tokens.NONE);
                        case Control(String text) -> encodeWithControls(text);
                        case Plain(String text) -> encode(text);
                    });
        }
        return tokens;
    }

    /** The token that begins a text, if the model has one and wants it there. */
    public Optional<Integer> beginning() {
        return model.beginsTexts() && model.beginningToken() >= 0
                ? Optional.of(model.beginningToken())
                : Optional.empty();
    }

    /** The text of tokens; bytes that are no UTF-8 become U+FFFD. */
    public String decode(Tokens tokens) {
        return new String(bytes(tokens), StandardCharsets.UTF_8);
    }

    /** The bytes of tokens, exactly. */
    public byte[] bytes(Tokens tokens) {
        var bytes = new ByteArrayOutputStream();
        for (int index = 0; index < tokens.size(); index++) {
            bytes.writeBytes(piece(tokens.at(index)));
        }
        return bytes.toByteArray();
    }

    /** The token that is spelled exactly so, control tokens included: how a label token is found. */
    public Optional<Integer> token(String spelling) {
        return Optional.ofNullable(
                spellings.get(new String(spelling.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
    }

    /** How a token is spelled, control tokens included. */
    String spelling(int token) {
        return new String(model.piece(token, true), StandardCharsets.UTF_8);
    }

    /** Whether the token ends a generation. */
    public boolean ends(int token) {
        return ends[token];
    }

    public int vocabularySize() {
        return pieces.length;
    }

    /** The bytes of one token; not to be written to. */
    byte[] piece(int token) {
        return pieces[token];
    }

    /**
     * Tokens that stand for exactly these bytes, which may begin or end inside a character.
     *
     * @throws EngineException {@code MODEL_UNSUPPORTED} if the vocabulary cannot spell them
     */
    Tokens encodeBytes(byte[] bytes) {
        if (isText(bytes)) {
            var tokens = Tokens.of(model.tokenize(bytes, false));
            if (Arrays.equals(bytes(tokens), bytes)) {
                return tokens;
            }
        }
        var ids = new int[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            ids[index] = byteTokens[bytes[index] & 0xFF];
            if (ids[index] < 0) {
                throw new EngineException(
                        Category.MODEL_UNSUPPORTED,
                        "the vocabulary must have a token for byte 0x%02X: has none".formatted(bytes[index]));
            }
        }
        return Tokens.of(ids);
    }

    private static boolean isText(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException notText) {
            return false;
        }
    }
}
