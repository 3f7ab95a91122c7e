package cloudchamber.protocol.model;

import java.util.random.RandomGenerator;

/**
 * Philox-4x32-10 [1]: a random function of a 64-bit key and a 128-bit counter. The same key and
 * counter give the same bits on every machine, in any order and any number of times, which is what
 * lets a lost step be drawn again by another worker.
 *
 * <p>As a {@link RandomGenerator} it walks the counter 0, 1, 2, …; {@link #uniform(long, long)} reads
 * one position without walking.
 */
public final class CounterRandom implements RandomGenerator {
    /*
     * A block turns (key, counter) into 128 bits; a draw uses the first 64 of them, so position p of a
     * stream is block p and nothing is buffered: streams are values of (key, position) alone.
     *
     * [1] Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11. The
     *     constants and the known-answer vectors of the test are the paper's.
     */
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final double TWO_TO_MINUS_53 = 0x1.0p-53;

    private final long key;
    private long position;

    /** The stream of {@code key}, at position 0. */
    public CounterRandom(long key) {
        this.key = key;
    }

    @Override
    public long nextLong() {
        return bits(key, position++, 0);
    }

    /** The uniform in [0, 1) at {@code position} of the stream of {@code key}: a multiple of 2⁻⁵³. */
    public static double uniform(long key, long position) {
        return (bits(key, position, 0) >>> 11) * TWO_TO_MINUS_53;
    }

    /**
     * 64 bits of the block of {@code key} at a 128-bit counter.
     *
     * @param low counter words 0 and 1
     * @param high counter words 2 and 3
     */
    static long bits(long key, long low, long high) {
        int counter0 = (int) low;
        int counter1 = (int) (low >>> 32);
        int counter2 = (int) high;
        int counter3 = (int) (high >>> 32);
        int key0 = (int) key;
        int key1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (counter0 & 0xFFFFFFFFL);
            long product1 = MULTIPLIER_1 * (counter2 & 0xFFFFFFFFL);
            int next0 = (int) (product1 >>> 32) ^ counter1 ^ key0;
            int next2 = (int) (product0 >>> 32) ^ counter3 ^ key1;
            counter1 = (int) product1;
            counter3 = (int) product0;
            counter0 = next0;
            counter2 = next2;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        return (counter1 & 0xFFFFFFFFL) << 32 | (counter0 & 0xFFFFFFFFL);
    }
}
