package cloudchamber.engine;

import cloudchamber.engine.binding.NativeContext;

/**
 * What an engine may use.
 *
 * @param cells tokens held in memory, those of a shared beginning once; a multiple of 256
 * @param sequences texts held in memory, those in work included; in [1, {@value NativeContext#MAX_SEQUENCES}]
 * @param parallel requests in work at once; in [1, sequences]
 * @param threads of the native library; 1 unless this process has cores of its own
 * @param batchTokens the most tokens given to the library at once; in [64, cells]
 * @param queue requests that may wait; at least 1
 * @param rowBytes memory for kept rows of logits, in bytes; at least 0
 * @param contextTokens the longest text; at least 1; the model's own limit holds as well
 */
public record EngineSettings(
        int cells,
        int sequences,
        int parallel,
        int threads,
        int batchTokens,
        int queue,
        long rowBytes,
        int contextTokens) {
    /** For one model on one core. */
    public static final EngineSettings DEFAULT =
            new EngineSettings(8192, 192, 64, 1, 512, 4096, 64L << 20, Integer.MAX_VALUE);

    public EngineSettings {
        require(cells >= 256 && cells % 256 == 0, "engine.cells must be a positive multiple of 256", cells);
        require(
                sequences >= 1 && sequences <= NativeContext.MAX_SEQUENCES,
                "engine.sequences must be between 1 and " + NativeContext.MAX_SEQUENCES,
                sequences);
        require(parallel >= 1 && parallel <= sequences, "engine.parallel must be between 1 and sequences", parallel);
        require(threads >= 1, "engine.threads must be at least 1", threads);
        require(
                batchTokens >= 64 && batchTokens <= cells && parallel <= batchTokens,
                "engine.batchTokens must be at least 64 and parallel, at most cells",
                batchTokens);
        require(queue >= 1, "engine.queue must be at least 1", queue);
        require(rowBytes >= 0, "engine.rowBytes must be at least 0", rowBytes);
        require(contextTokens >= 1, "engine.contextTokens must be at least 1", contextTokens);
    }

    private static void require(boolean holds, String expected, Object seen) {
        if (!holds) {
            throw new IllegalArgumentException(expected + ": was " + seen);
        }
    }

    public EngineSettings withCells(int cells) {
        return new EngineSettings(
                cells, sequences, parallel, threads, Math.min(batchTokens, cells), queue, rowBytes, contextTokens);
    }

    public EngineSettings withSequences(int sequences, int parallel) {
        return new EngineSettings(cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens);
    }

    public EngineSettings withThreads(int threads) {
        return new EngineSettings(cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens);
    }

    public EngineSettings withBatchTokens(int batchTokens) {
        return new EngineSettings(cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens);
    }

    public EngineSettings withQueue(int queue) {
        return new EngineSettings(cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens);
    }

    public EngineSettings withRowBytes(long rowBytes) {
        return new EngineSettings(cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens);
    }

    public EngineSettings withContextTokens(int contextTokens) {
        return new EngineSettings(cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens);
    }
}
