package cloudchamber.worker.remote;

import cloudchamber.protocol.model.CounterRandom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tiny language model for servers in tests: its law is a function of seed and position alone, or of the text so far
 * at temperature 0; its tokens are bytes, and some stand for several newlines, so that a step's text tokenises otherwise
 * than it was drawn.
 */
public final class ToyModel {
    private ToyModel() {}

    public static final int CONTEXT = 2048;
    public static final int END = 256;
    public static final int EMPTY_LINE = 257;
    public static final int THREE_LINES = 258;
    public static final int MARKER = 259;
    public static final int BEGINNING = 260;
    public static final int VOCABULARY = 261;

    private static final String MARKER_TEXT = "<extra_0>";

    /**
     * What was drawn.
     *
     * @param tokens with the end of sequence, if it was drawn
     * @param text up to and with the stop text, if one was met
     * @param stop the stop text that was met
     * @param reason "stop" or "length"
     */
    public record Drawn(List<Integer> tokens, String text, Optional<String> stop, String reason) {}

    /** How a server's model continues a prompt. */
    @FunctionalInterface
    public interface Drawing {
        Drawn draw(List<Integer> prompt, double temperature, long seed, int maxTokens, List<String> stops);
    }

    public static Drawn draw(List<Integer> prompt, double temperature, long seed, int maxTokens, List<String> stops) {
        var before = text(prompt);
        var tokens = new ArrayList<Integer>();
        int most = Math.min(maxTokens, CONTEXT - prompt.size());
        while (tokens.size() < most) {
            int token = token(
                    temperature == 0
                            ? CounterRandom.uniform((before + text(tokens)).hashCode(), 0)
                            : CounterRandom.uniform(seed ^ prompt.hashCode(), tokens.size()));
            tokens.add(token);
            var text = text(tokens);
            if (token == END) {
                return new Drawn(tokens, text, Optional.empty(), "stop");
            }
            for (var stop : stops) {
                int at = text.indexOf(stop);
                if (at >= 0) {
                    return new Drawn(tokens, text.substring(0, at + stop.length()), Optional.of(stop), "stop");
                }
            }
        }
        return new Drawn(tokens, text(tokens), Optional.empty(), "length");
    }

    private static int token(double uniform) {
        if (uniform < 0.1) {
            return END;
        }
        if (uniform < 0.2) {
            return EMPTY_LINE;
        }
        if (uniform < 0.25) {
            return THREE_LINES;
        }
        return uniform < 0.35 ? '\n' : 'a' + (int) ((uniform - 0.35) / 0.65 * 26);
    }

    public static String text(List<Integer> tokens) {
        var bytes = new java.io.ByteArrayOutputStream();
        for (int token : tokens) {
            bytes.writeBytes(
                    switch (token) {
                        case END, BEGINNING -> new byte[0];
                        case EMPTY_LINE -> new byte[] {'\n', '\n'};
                        case THREE_LINES -> new byte[] {'\n', '\n', '\n'};
                        case MARKER -> MARKER_TEXT.getBytes(StandardCharsets.UTF_8);
                        default -> new byte[] {(byte) token};
                    });
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Bytes, but for the marker, which is recognised wherever it stands. */
    public static List<Integer> tokens(String text) {
        var tokens = new ArrayList<Integer>();
        int from = 0;
        for (int at = text.indexOf(MARKER_TEXT); at >= 0; at = text.indexOf(MARKER_TEXT, from)) {
            bytes(text.substring(from, at), tokens);
            tokens.add(MARKER);
            from = at + MARKER_TEXT.length();
        }
        bytes(text.substring(from), tokens);
        return tokens;
    }

    private static void bytes(String text, List<Integer> tokens) {
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            tokens.add(one & 0xFF);
        }
    }
}
