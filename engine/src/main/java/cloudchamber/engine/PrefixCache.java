package cloudchamber.engine;

import cloudchamber.engine.binding.NativeContext;
import cloudchamber.engine.binding.NativeContext.KeptSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The texts a context holds, found by their tokens: a new text continues the one with which it shares
 * the longest beginning. For one thread.
 */
final class PrefixCache {
    /*
     * A branch is a text in a sequence of the context. Branches share cells where one was forked from
     * another. There are at most 253, so the longest shared beginning is found by comparing with each: a
     * vectorised comparison of a few hundred ints, next to nothing beside reading one token.
     *
     * Growing a branch in place never takes anything away: any beginning of it can still be forked.
     *
     * [1] Attention looks at every cell in use, also at those of other texts, so an idle text slows all
     *     others. It is dropped when it has cost as much as reading it again would: whatever comes, that is
     *     at most twice the best that could have been done with knowledge of the future.
     */
    static final class Branch {
        private final int sequence;
        private int[] text = new int[64];
        private int length;
        private boolean busy;
        private long lastUse;
        private long idleSince;

        private Branch(int sequence) {
            this.sequence = sequence;
        }

        int sequence() {
            return sequence;
        }

        int length() {
            return length;
        }

        /** Records a token that is being decoded at the end of this branch. */
        void append(int token) {
            if (length == text.length) {
                text = Arrays.copyOf(text, 2 * length);
            }
            text[length++] = token;
        }

        private int shared(int[] other, int size) {
            int most = Math.min(length, size);
            int mismatch = Arrays.mismatch(text, 0, most, other, 0, most);
            return mismatch < 0 ? most : mismatch;
        }
    }

    /** Cells kept free by an eviction beyond those asked for, as a part of all: so that few are needed. */
    private static final int SLACK_DIVISOR = 8;

    private static final int LEAST_TIDY_CELLS = 512;

    private final NativeContext context;
    private final int idleTokens;
    private final List<Branch> branches = new ArrayList<>();
    private final List<Integer> freeSequences = new ArrayList<>();
    private long clock;
    private long passedTokens;
    private int tidyCells = LEAST_TIDY_CELLS;
    private long evictions;
    private long compactions;

    /** @param idleTokens decoded since a text's last use, after which it is dropped: see [1] */
    PrefixCache(NativeContext context, int idleTokens) {
        this.context = context;
        this.idleTokens = idleTokens;
        for (int sequence = context.sequences() - 1; sequence >= 0; sequence--) {
            freeSequences.add(sequence);
        }
    }

    /** How many of the first {@code size} tokens of a text are held. */
    int longest(int[] text, int size) {
        int longest = 0;
        for (var branch : branches) {
            longest = Math.max(longest, branch.shared(text, size));
        }
        return longest;
    }

    /**
     * A branch to grow, which holds as many of the first {@code size} tokens of {@code text} as any; nobody
     * else has it. Empty if every sequence is being grown.
     */
    Optional<Branch> open(int[] text, int size) {
        Branch source = null;
        int shared = 0;
        for (var branch : branches) {
            int length = branch.shared(text, size);
            if (length > shared || length == shared && length > 0 && !branch.busy && branch.length == length) {
                source = branch;
                shared = length;
            }
        }
        if (source != null) {
            source.lastUse = ++clock;
            source.idleSince = passedTokens;
            if (!source.busy && source.length == shared) {
                source.busy = true;
                return Optional.of(source);
            }
        }
        if (freeSequences.isEmpty() && !evictOldest(source)) {
            if (source == null || source.busy) {
                return Optional.empty();
            }
            shorten(source, shared);
            source.busy = true;
            evictions++;
            return Optional.of(source);
        }
        var branch = new Branch(freeSequences.removeLast());
        branches.add(branch);
        branch.busy = true;
        branch.lastUse = ++clock;
        if (shared > 0) {
            context.fork(source.sequence, branch.sequence, shared);
            branch.text = Arrays.copyOf(source.text, Math.max(64, 2 * shared));
            branch.length = shared;
        }
        return Optional.of(branch);
    }

    /** Gives a branch back; its first {@code length} tokens stay held until something else needs the room. */
    void close(Branch branch, int length) {
        shorten(branch, Math.min(length, branch.length));
        branch.busy = false;
        branch.lastUse = ++clock;
        branch.idleSince = passedTokens;
        if (branch.length == 0) {
            forget(branch);
        }
    }

    private void shorten(Branch branch, int length) {
        context.truncate(branch.sequence, length);
        branch.length = length;
    }

    private void forget(Branch branch) {
        branches.remove(branch);
        freeSequences.add(branch.sequence);
    }

    private boolean evictOldest(Branch spared) {
        var oldest = branches.stream()
                .filter(branch -> !branch.busy && branch != spared)
                .min(Comparator.comparingLong(branch -> branch.lastUse));
        oldest.ifPresent(this::evict);
        return oldest.isPresent();
    }

    private void evict(Branch branch) {
        shorten(branch, 0);
        forget(branch);
        evictions++;
    }

    /** Notes that so many tokens were decoded. */
    void passed(int tokens) {
        passedTokens += tokens;
    }

    /** Drops what has been idle too long, see [1], and puts the cells together when half of them hold nothing. */
    void tidy() {
        int used = context.cells() - context.freeCells();
        if (used < tidyCells) {
            return;
        }
        branches.stream()
                .filter(branch -> !branch.busy && passedTokens - branch.idleSince > idleTokens)
                .toList()
                .forEach(this::evict);
        int live = liveCells();
        if (2 * live <= used) {
            compact();
            used = live;
        }
        tidyCells = Math.max(LEAST_TIDY_CELLS, Math.max(2 * live, used + used / SLACK_DIVISOR));
    }

    /**
     * Sees to it that so many tokens can be decoded, at the cost of branches nobody grows.
     *
     * @return whether they can
     */
    boolean makeRoom(int tokens) {
        if (context.freeCells() >= tokens) {
            return true;
        }
        int wanted = Math.min(context.cells(), tokens + context.cells() / SLACK_DIVISOR);
        int live = liveCells();
        while (live + wanted > context.cells() && evictOldest(null)) {
            live = liveCells();
        }
        if (live + tokens > context.cells()) {
            return false;
        }
        compact();
        return true;
    }

    /** Cells that hold a token of a text, one for each distinct beginning. */
    int liveCells() {
        int live = 0;
        Branch before = null;
        for (var branch : inOrder()) {
            live += branch.length - (before == null ? 0 : before.shared(branch.text, branch.length));
            before = branch;
        }
        return live;
    }

    private void compact() {
        // In lexical order, a text shares more with the one before it than with any earlier one.
        var plan = new ArrayList<KeptSequence>();
        Branch before = null;
        for (var branch : inOrder()) {
            int shared = before == null ? 0 : before.shared(branch.text, branch.length);
            plan.add(new KeptSequence(branch.sequence, before == null ? -1 : before.sequence, shared));
            before = branch;
        }
        context.compact(plan);
        compactions++;
    }

    private List<Branch> inOrder() {
        return branches.stream()
                .sorted((one, other) -> Arrays.compare(one.text, 0, one.length, other.text, 0, other.length))
                .toList();
    }

    int branches() {
        return branches.size();
    }

    long evictions() {
        return evictions;
    }

    long compactions() {
        return compactions;
    }
}
