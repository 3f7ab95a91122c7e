package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Step;
import java.util.List;

/**
 * How large things may be on a wire. The transport drops a frame above its {@code maximum-frame-size}, 2
 * MiB, without a word to anyone, so nothing may come near it.
 */
public final class WireLimits {
    private WireLimits() {}

    /** Of one step's text as UTF-8. */
    public static final int MAX_STEP_BYTES = 64 * 1024;

    /** Of a prompt and the steps that follow it, and of all that travels together. */
    public static final int MAX_BATCH_BYTES = 1024 * 1024;

    private static final int BYTES_A_CHARACTER = 3;
    private static final int BYTES_A_TOKEN = 5;
    private static final int BYTES_A_STEP = 128;

    /** Whether a step may travel. */
    public static boolean fits(Step step) {
        return textBytes(step.text(), MAX_STEP_BYTES) <= MAX_STEP_BYTES;
    }

    /** At most how many bytes a step takes. */
    public static long bytes(Step step) {
        return BYTES_A_STEP
                + textBytes(step.text(), MAX_STEP_BYTES)
                + (long) BYTES_A_TOKEN * step.tokenIds().size();
    }

    /** At most how many bytes a prompt and its steps take. */
    public static long bytes(Prompt prompt, List<PrefixStep> prefix) {
        long bytes = 0;
        for (var message : prompt.messages()) {
            bytes += BYTES_A_STEP + textBytes(message.content(), MAX_BATCH_BYTES);
        }
        return bytes + bytes(prefix);
    }

    /** At most how many bytes steps take. */
    public static long bytes(List<PrefixStep> prefix) {
        long bytes = 0;
        for (var step : prefix) {
            bytes += BYTES_A_STEP
                    + textBytes(step.text(), MAX_STEP_BYTES)
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
        return text.chars().mapToLong(WireLimits::bytes).sum();
    }

    /** Of a UTF-16 unit; a pair of surrogates takes 4. */
    private static int bytes(int unit) {
        if (unit < 0x80) {
            return 1;
        }
        return unit < 0x800 || Character.isSurrogate((char) unit) ? 2 : BYTES_A_CHARACTER;
    }
}
