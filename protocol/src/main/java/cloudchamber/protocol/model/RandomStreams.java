package cloudchamber.protocol.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Every random stream of one problem, by name. A stream's key is a function of (job seed, problem id,
 * chain, iteration, round, slot, purpose) alone, never of arrival order; a position in it is the
 * token's index in its step, or the index of a draw.
 *
 * @param root the key of the problem, see {@link #of}
 */
public record RandomStreams(long root) {
    /*
     * root   = the first 8 bytes, big-endian, of SHA-256("cloudchamber-random-1" 0x00 seed problem),
     *          the seed as 8 bytes big-endian, the problem id as UTF-8.
     * stream = Philox(root, counter words: chain | iteration << 16, round, slot, purpose's code).
     * Frozen: a change makes every recorded run unrepeatable.
     */
    private static final byte[] DOMAIN = "cloudchamber-random-1\0".getBytes(StandardCharsets.UTF_8);

    /** The streams of the problem {@code problemId}, exactly as the client gave it, of a job with {@code seed}. */
    public static RandomStreams of(long seed, String problemId) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(DOMAIN);
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, seed));
            return new RandomStreams(ByteBuffer.wrap(digest.digest(problemId.getBytes(StandardCharsets.UTF_8)))
                    .getLong());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /**
     * The key of one stream; what a request carries as its seed.
     *
     * @param chain in [0, 65535]
     * @param iteration in [0, 65535]
     * @param round at least 0
     * @param slot at least 0
     */
    public long seed(int chain, int iteration, int round, int slot, Purpose purpose) {
        Checks.between(0, 0xFFFF, chain, "chain");
        Checks.between(0, 0xFFFF, iteration, "iteration");
        Checks.atLeast(0, round, "round");
        Checks.atLeast(0, slot, "slot");
        return CounterRandom.bits(
                root, (long) round << 32 | (long) iteration << 16 | chain, (long) purpose.code() << 32 | slot);
    }

    /** The stream itself, at position 0. */
    public CounterRandom stream(int chain, int iteration, int round, int slot, Purpose purpose) {
        return new CounterRandom(seed(chain, iteration, round, slot, purpose));
    }
}
