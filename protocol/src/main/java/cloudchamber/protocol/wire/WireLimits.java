package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import java.util.List;

/**
 * How large things may be on a wire. The transport drops a frame above its {@code maximum-frame-size}, 2
 * MiB, without a word to anyone, so nothing may come near it.
 */
public final class WireLimits {
    private WireLimits() {}

    /** Of one step's text as UTF-8. */
    public static final int MAX_STEP_BYTES = 512 * 1024;

    /** Of a prompt and the steps that follow it, and of all that travels together. */
    public static final int MAX_BATCH_BYTES = 1024 * 1024;

    /** Texts that take at most this are not counted, but estimated. */
    private static final int ESTIMATED_BYTES = 64 * 1024;

    private static final int BYTES_A_CHARACTER = 3;
    private static final int BYTES_A_TOKEN = 5;
    private static final int BYTES_A_STEP = 128;

    /** Whether a step may travel. */
    public static boolean fits(Step step) {
        return textBytes(step.text(), MAX_STEP_BYTES) <= MAX_STEP_BYTES;
    }

    /**
     * The step, or as many whole characters of it as may travel. One that is cut is continued by its text, if at all: its
     * particle is finished, for no number of tokens that may be asked for makes so long a text.
     */
    public static Step cut(Step step) {
        if (fits(step)) {
            return step;
        }
        var text = step.text();
        if (hasHalfAPair(text)) {
            text = text.substring(0, Math.min(text.length(), MAX_STEP_BYTES / 2));
        }
        int end = 0;
        for (long bytes = 0; end < text.length(); ) {
            int point = text.codePointAt(end);
            bytes += Character.isBmpCodePoint(point) ? bytes(point) : 2L * bytes(text.charAt(end));
            if (bytes > MAX_STEP_BYTES) {
                break;
            }
            end += Character.charCount(point);
        }
        return new Step(text.substring(0, end), List.of(), StepEnd.TRUNCATED, StepLimit.PARTICLE_TOKENS, 0, 0);
    }

    /** At most how many bytes a step takes. */
    public static long bytes(Step step) {
        return BYTES_A_STEP
                + textBytes(step.text(), MAX_STEP_BYTES)
                + (long) BYTES_A_TOKEN * step.tokenIds().size();
    }

    /** At most how many bytes a prompt and its steps take. */
    public static long bytes(Prompt prompt, List<PrefixStep> prefix) {
        long bytes = prompt.templateArguments() == null ? 0 : textBytes(prompt.templateArguments(), ESTIMATED_BYTES);
        for (var message : prompt.messages()) {
            bytes += BYTES_A_STEP + textBytes(message.content(), ESTIMATED_BYTES);
        }
        return bytes + bytes(prefix);
    }

    /** At most how many bytes steps take. */
    public static long bytes(List<PrefixStep> prefix) {
        long bytes = 0;
        for (var step : prefix) {
            bytes += BYTES_A_STEP
                    + textBytes(step.text(), ESTIMATED_BYTES)
                    + (long) BYTES_A_TOKEN * step.tokenIds().size();
        }
        return bytes;
    }

    /** Exact where it may matter, cheap where it cannot. */
    private static long textBytes(String text, int limit) {
        long most = (long) BYTES_A_CHARACTER * text.length();
        if (most <= limit) {
            return most;
        }
        long bytes = text.chars().mapToLong(WireLimits::bytes).sum();
        return hasHalfAPair(text) ? Math.max(bytes, 2L * text.length()) : bytes;
    }

    /** Such a text is written in UTF-16. */
    private static boolean hasHalfAPair(String text) {
        return text.codePoints().anyMatch(point -> Character.getType(point) == Character.SURROGATE);
    }

    /** Of a UTF-16 unit; a pair of surrogates takes 4. */
    private static int bytes(int unit) {
        if (unit < 0x80) {
            return 1;
        }
        return unit < 0x800 || Character.isSurrogate((char) unit) ? 2 : BYTES_A_CHARACTER;
    }
}
