package cloudchamber.engine.binding;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Key-value cells shared by numbered sequences, and the decoding of tokens into them. A sequence holds
 * the positions 0 to {@link #length} - 1 of one text; two sequences may hold the same cells. For one
 * thread.
 *
 * <p>Cells are never reused before {@link #compact}: those of a text always lie in the order of its
 * positions.
 */
public final class NativeContext implements AutoCloseable {
    /*
     * Attention adds up its terms in the order of the cells [1], and floating-point sums depend on their
     * order. A token placed in a hole below its own past would change the bits. So there are no holes:
     * what a caller drops goes to a sequence of our own, the grave, which keeps its cells taken; the
     * library, which looks for free cells from below, then always takes the next one above all others.
     * When cells run out, compact() copies the living ones out, clears everything and copies them back,
     * parents first; copies are exact and keep the order.
     *
     * Exact mode: flash attention on, micro-batches of 32 tokens. Then the logits of a sequence do not
     * depend on what shares its batch, nor on how its tokens were cut into batches. Where a micro-batch has a
     * single token, newer releases share its past out between the threads: with more than one thread it gets
     * a companion, in a sequence of our own, which is dropped at once. Its cell is the uppermost, and the
     * library begins its search for free cells at the lowest that became free; so it leaves no hole.
     *
     * [1] one query at a time, masked cells skipped: the path both releases take for fewer than 64 queries.
     */
    private static final int CELL_GRANULE = 256;
    private static final int OWN_SEQUENCES = 3;
    private static final int PADDING_TOKEN = 0;

    /** The most sequences a context may have for its caller. */
    public static final int MAX_SEQUENCES = 256 - OWN_SEQUENCES;

    private final NativeModel model;
    private final Functions functions;
    private final MemorySegment handle;
    private final Arena arena = Arena.ofShared();
    private final int cells;
    private final int batchTokens;
    private final int[] lengths;
    private final int grave;
    private final int carrier;
    private final int companion;
    private final boolean padsLoneTokens;
    private final MemorySegment cache;

    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequences;
    private final MemorySegment outputs;

    private final boolean[] hasRow;
    private int taken;
    private long paddingTokens;
    private boolean hasDecodedAlone;
    private boolean hasDecodedInCompany;
    private boolean closed;

    /**
     * Opens a context in exact mode.
     *
     * @param cells a multiple of 256; each holds one token of one text, or of several that share it
     * @param sequences in [1, {@value #MAX_SEQUENCES}]
     * @param batchTokens the most tokens in one call; in [64, cells]
     * @param threads at least 1
     */
    public NativeContext(NativeModel model, int cells, int sequences, int batchTokens, int threads) {
        require(cells >= CELL_GRANULE && cells % CELL_GRANULE == 0, "cells must be a positive multiple of 256", cells);
        require(
                sequences >= 1 && sequences <= MAX_SEQUENCES,
                "sequences must be in [1, " + MAX_SEQUENCES + "]",
                sequences);
        require(batchTokens >= 64 && batchTokens <= cells, "batchTokens must be in [64, cells]", batchTokens);
        require(threads >= 1, "threads must be at least 1", threads);
        this.model = model;
        this.functions = model.library().functions();
        this.cells = cells;
        this.batchTokens = batchTokens;
        this.lengths = new int[sequences];
        this.grave = sequences;
        this.carrier = sequences + 1;
        this.companion = sequences + 2;
        this.hasRow = new boolean[batchTokens];
        var layout = model.library().layout();
        this.padsLoneTokens = layout.padsLoneTokens() && threads > 1;
        int room = padsLoneTokens ? batchTokens + 1 : batchTokens;
        this.handle = open(padsLoneTokens ? cells + CELL_GRANULE : cells, sequences + OWN_SEQUENCES, room, threads);
        this.cache = functions.cacheOfContext(handle);

        tokens = arena.allocate(JAVA_INT, room);
        positions = arena.allocate(JAVA_INT, room);
        this.sequences = arena.allocate(JAVA_INT, room);
        outputs = arena.allocate(room);
        var counts = arena.allocate(JAVA_INT, room);
        var pointers = arena.allocate(ADDRESS, room);
        for (int index = 0; index < room; index++) {
            counts.setAtIndex(JAVA_INT, index, 1);
            pointers.setAtIndex(ADDRESS, index, this.sequences.asSlice((long) Integer.BYTES * index));
        }
        var at = layout.batch();
        batch = arena.allocate(at.sizeBytes(), Long.BYTES);
        batch.set(ADDRESS, at.tokens(), tokens);
        batch.set(ADDRESS, at.embeddings(), MemorySegment.NULL);
        batch.set(ADDRESS, at.positions(), positions);
        batch.set(ADDRESS, at.sequenceCounts(), counts);
        batch.set(ADDRESS, at.sequences(), pointers);
        batch.set(ADDRESS, at.outputs(), outputs);
    }

    private MemorySegment open(int cells, int sequences, int batchTokens, int threads) {
        var layout = model.library().layout();
        var context = layout.context();
        try (var temporary = Arena.ofConfined()) {
            var parameters = functions.contextDefaultParams(temporary);
            context.set(parameters, "n_ctx", cells);
            context.set(parameters, "n_batch", batchTokens);
            context.set(parameters, "n_ubatch", ExactMode.MICRO_BATCH_TOKENS);
            context.set(parameters, "n_seq_max", sequences);
            context.set(parameters, "n_threads", threads);
            context.set(parameters, "n_threads_batch", threads);
            layout.exactContext().forEach((name, value) -> context.set(parameters, name, value));
            if (model.library().gpuLayers() == 0) {
                layout.processorOnly().forEach((name, value) -> context.set(parameters, name, value));
            }
            functions.takeError();
            var opened = functions.initFromModel(model.handle(), parameters);
            if (opened.address() == 0) {
                arena.close();
                throw new EngineException(
                        Category.MODEL_UNSUPPORTED,
                        "the native library must open a context of " + cells + " cells: said [" + functions.takeError()
                                + "]");
            }
            return opened;
        }
    }

    public int cells() {
        return cells;
    }

    public int sequences() {
        return lengths.length;
    }

    public int batchTokens() {
        return batchTokens;
    }

    /** How many positions a sequence holds. */
    public int length(int sequence) {
        return lengths[sequence];
    }

    /** How many tokens can be decoded before {@link #compact} is needed. */
    public int freeCells() {
        return cells - taken;
    }

    /** The library's own count of the cells in use, if it tells; equals {@code cells() - freeCells()}. */
    public OptionalInt countCells() {
        return functions.usedCells(cache);
    }

    /** The library's own count of the tokens it has decoded here, padding included. */
    public int countDecodedTokens() {
        int[] counts = functions.decodedTokens(handle);
        return (hasDecodedInCompany ? counts[0] : 0) + (hasDecodedAlone ? counts[1] : 0);
    }

    /** How many tokens were decoded only to keep others company. */
    public long paddingTokens() {
        return paddingTokens;
    }

    /**
     * Decodes a batch: afterwards each sequence is longer by its tokens.
     *
     * @throws EngineException {@code BROKEN}, and then the context is not to be used any more
     */
    public void decode(TokenBatch filled) {
        int size = filled.size();
        require(size >= 1 && size <= batchTokens, "a batch must hold 1 to " + batchTokens + " tokens", size);
        require(size <= freeCells(), "a batch must fit the " + freeCells() + " free cells", size);
        int[] before = lengths.clone();
        for (int index = 0; index < size; index++) {
            int token = filled.token(index);
            int sequence = filled.sequence(index);
            Objects.checkIndex(token, model.vocabularySize());
            Objects.checkIndex(sequence, lengths.length);
            if (filled.position(index) != lengths[sequence]) {
                int expected = lengths[sequence];
                System.arraycopy(before, 0, lengths, 0, before.length);
                throw new IllegalArgumentException("the next position of sequence " + sequence + " must be " + expected
                        + ": was " + filled.position(index));
            }
            lengths[sequence]++;
            tokens.setAtIndex(JAVA_INT, index, token);
            positions.setAtIndex(JAVA_INT, index, filled.position(index));
            sequences.setAtIndex(JAVA_INT, index, sequence);
            hasRow[index] = filled.output(index);
            outputs.set(JAVA_BYTE, index, (byte) (hasRow[index] ? 1 : 0));
        }
        Arrays.fill(hasRow, size, batchTokens, false);
        boolean padded = padsLoneTokens && size % ExactMode.MICRO_BATCH_TOKENS == 1;
        if (padded) {
            tokens.setAtIndex(JAVA_INT, size, PADDING_TOKEN);
            positions.setAtIndex(JAVA_INT, size, 0);
            sequences.setAtIndex(JAVA_INT, size, companion);
            outputs.set(JAVA_BYTE, size, (byte) 0);
        }
        batch.set(JAVA_INT, model.library().layout().batch().count(), padded ? size + 1 : size);
        functions.takeError();
        int code = functions.decode(handle, batch);
        if (code != 0) {
            throw new EngineException(
                    Category.BROKEN,
                    "the native library must decode " + size + " tokens: answered " + code + ", said ["
                            + functions.takeError() + "]");
        }
        taken += size;
        hasDecodedAlone |= size == 1 && !padded;
        hasDecodedInCompany |= size > 1 || padded;
        if (padded) {
            functions.sequenceRemove(cache, companion, -1, -1);
            paddingTokens++;
        }
    }

    /**
     * Copies the logits after one token of the batch just decoded.
     *
     * @param index in that batch; its output must have been asked for
     * @param row as long as the vocabulary
     */
    public void logits(int index, float[] row) {
        Objects.checkIndex(index, hasRow.length);
        require(hasRow[index], "the output of a token must be asked for before its logits are read", index);
        require(row.length == model.vocabularySize(), "a row must be as long as the vocabulary", row.length);
        var found = functions.logitsIth(handle, index, (long) Float.BYTES * row.length);
        if (found.address() == 0) {
            throw new EngineException(Category.BROKEN, "the native library must have logits " + index + ": has none");
        }
        MemorySegment.copy(found, JAVA_FLOAT, 0, row, 0, row.length);
    }

    /** Makes the empty sequence {@code target} share the first {@code length} positions of {@code source}. */
    public void fork(int source, int target, int length) {
        require(lengths[target] == 0, "the target of a fork must be empty", lengths[target]);
        require(length >= 1 && length <= lengths[source], "a fork must share 1 to all positions", length);
        functions.sequenceCopy(cache, source, target, 0, length);
        lengths[target] = length;
    }

    /** Keeps the first {@code length} positions of a sequence; 0 empties it. */
    public void truncate(int sequence, int length) {
        require(length >= 0 && length <= lengths[sequence], "a sequence can only become shorter", length);
        if (length < lengths[sequence]) {
            functions.sequenceCopy(cache, sequence, grave, length, lengths[sequence]);
            functions.sequenceRemove(cache, sequence, length, lengths[sequence]);
            lengths[sequence] = length;
        }
    }

    /**
     * A sequence to be kept by {@link #compact}.
     *
     * @param parent one that comes earlier in the plan and has the same first {@code shared} tokens; -1
     *     for none
     * @param shared positions held in common with the parent
     */
    public record KeptSequence(int sequence, int parent, int shared) {}

    /**
     * Frees every cell but those of the sequences in the plan, which keep their contents bit for bit. The
     * other sequences become empty.
     */
    public void compact(List<KeptSequence> plan) {
        var kept = new boolean[lengths.length];
        try (var temporary = Arena.ofConfined()) {
            var tails = new ArrayList<MemorySegment>();
            for (var one : plan) {
                int shared = one.shared();
                require(
                        shared == 0 || kept[one.parent()] && shared <= lengths[one.parent()],
                        "a parent must be kept first and be long enough",
                        one.parent());
                require(shared <= lengths[one.sequence()], "a sequence must be as long as what it shares", shared);
                kept[one.sequence()] = true;
                tails.add(save(temporary, one.sequence(), shared));
            }
            functions.cacheClear(cache);
            taken = 0;
            for (int index = 0; index < plan.size(); index++) {
                var one = plan.get(index);
                if (one.shared() > 0) {
                    functions.sequenceCopy(cache, one.parent(), one.sequence(), 0, one.shared());
                }
                restore(tails.get(index), one.sequence(), one.shared());
            }
        }
        for (int sequence = 0; sequence < lengths.length; sequence++) {
            if (!kept[sequence]) {
                lengths[sequence] = 0;
            }
        }
    }

    private MemorySegment save(Arena temporary, int sequence, int from) {
        if (from == lengths[sequence]) {
            return MemorySegment.NULL;
        }
        functions.sequenceCopy(cache, sequence, carrier, from, lengths[sequence]);
        var saved = temporary.allocate(functions.stateSize(handle, carrier), Long.BYTES);
        long written = functions.stateGet(handle, saved, carrier);
        functions.sequenceRemove(cache, carrier, -1, -1);
        if (written != saved.byteSize()) {
            throw new EngineException(
                    Category.BROKEN,
                    "the native library must save " + saved.byteSize() + " bytes of a sequence: saved " + written);
        }
        return saved;
    }

    private void restore(MemorySegment saved, int sequence, int from) {
        int count = lengths[sequence] - from;
        if (count == 0) {
            return;
        }
        if (functions.stateSet(handle, saved, carrier) != saved.byteSize()) {
            throw new EngineException(
                    Category.BROKEN,
                    "the native library must restore a sequence: said [" + functions.takeError() + "]");
        }
        functions.sequenceCopy(cache, carrier, sequence, from, lengths[sequence]);
        functions.sequenceRemove(cache, carrier, -1, -1);
        taken += count;
    }

    private static void require(boolean holds, String expected, Object seen) {
        if (!holds) {
            throw new IllegalArgumentException(expected + ": was " + seen);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            functions.contextFree(handle);
            arena.close();
        }
    }
}
