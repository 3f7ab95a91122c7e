package cloudchamber.policy.remote;

import java.util.ArrayList;
import java.util.List;

/**
 * Which of a server's slots a request takes: the free one that read most of its tokens before. Safe for threads.
 */
final class SlotPins {
    /** The server chooses. */
    static final int ANY = -1;

    private final List<List<Integer>> read = new ArrayList<>();
    private final List<Boolean> busy = new ArrayList<>();

    SlotPins(int slots) {
        for (int slot = 0; slot < slots; slot++) {
            read.add(List.of());
            busy.add(false);
        }
    }

    /** A slot, or {@link #ANY} when all are busy. */
    synchronized int take(List<Integer> tokens) {
        int best = ANY;
        int longest = -1;
        for (int slot = 0; slot < busy.size(); slot++) {
            int common = busy.get(slot) ? -1 : common(read.get(slot), tokens);
            if (common > longest) {
                longest = common;
                best = slot;
            }
        }
        if (best != ANY) {
            busy.set(best, true);
        }
        return best;
    }

    synchronized void release(int slot, List<Integer> tokens) {
        if (slot != ANY) {
            busy.set(slot, false);
            read.set(slot, List.copyOf(tokens));
        }
    }

    private static int common(List<Integer> left, List<Integer> right) {
        int length = Math.min(left.size(), right.size());
        int same = 0;
        while (same < length && left.get(same).equals(right.get(same))) {
            same++;
        }
        return same;
    }
}
