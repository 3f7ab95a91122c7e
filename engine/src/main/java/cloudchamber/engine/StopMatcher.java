package cloudchamber.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Finds the first stop string in bytes that arrive in pieces. */
final class StopMatcher {
    private static final int NONE = -1;

    private final List<byte[]> stops;
    private byte[] seen = new byte[64];
    private int size;

    StopMatcher(List<String> stops) {
        this.stops = stops.stream()
                .map(stop -> stop.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /**
     * Adds a piece.
     *
     * @return how many bytes of the piece belong to the text up to the end of the stop string that ends
     *     first; -1 if none does
     */
    int append(byte[] piece) {
        int before = size;
        if (size + piece.length > seen.length) {
            seen = Arrays.copyOf(seen, Math.max(2 * seen.length, size + piece.length));
        }
        System.arraycopy(piece, 0, seen, size, piece.length);
        size += piece.length;
        for (int end = before + 1; end <= size; end++) {
            for (byte[] stop : stops) {
                if (end >= stop.length && Arrays.equals(seen, end - stop.length, end, stop, 0, stop.length)) {
                    return end - before;
                }
            }
        }
        return NONE;
    }
}
