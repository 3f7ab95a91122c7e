package cloudchamber.engine;

import cloudchamber.engine.binding.NativeContext;

/**
 * What an engine may use.
 *
 * @param contexts memories side by side, at least 1; a text and its continuations stay in one. More make
 *     small models faster: attention looks at all cells in use of a context
 * @param cells of each context: tokens held in memory, those of a shared beginning once; a multiple of 256
 * @param sequences of each context: texts held, those in work included; in [1, {@value
 *     NativeContext#MAX_SEQUENCES}]
 * @param parallel requests in work at once in each context; in [1, sequences]
 * @param threads of the native library; 1 unless this process has cores of its own
 * @param batchTokens the most tokens given to the library at once; in [64, cells]
 * @param queue requests that may wait; at least 1
 * @param rowBytes memory for kept rows of logits, in bytes; at least 0
 * @param contextTokens the longest text; at least 1; the model's own limit holds as well
 * @param idleTokens a text not used while its context decoded so many tokens is dropped; at least 1
 */
public record EngineSettings(
        int contexts,
        int cells,
        int sequences,
        int parallel,
        int threads,
        int batchTokens,
        int queue,
        long rowBytes,
        int contextTokens,
        int idleTokens) {
    /** For one model of some hundred million parameters on one core. */
    public static final EngineSettings DEFAULT =
            new EngineSettings(1, 8192, 192, 64, 1, 512, 4096, 64L << 20, Integer.MAX_VALUE, 10_000);

    public EngineSettings {
        require(contexts >= 1, "engine.contexts must be at least 1", contexts);
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
        require(idleTokens >= 1, "engine.idleTokens must be at least 1", idleTokens);
    }

    private static void require(boolean holds, String expected, Object seen) {
        if (!holds) {
            throw new IllegalArgumentException(expected + ": was " + seen);
        }
    }

    public EngineSettings withCells(int cells) {
        return new EngineSettings(
                contexts,
                cells,
                sequences,
                parallel,
                threads,
                Math.min(batchTokens, cells),
                queue,
                rowBytes,
                contextTokens,
                idleTokens);
    }

    public EngineSettings withSequences(int sequences, int parallel) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withThreads(int threads) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withBatchTokens(int batchTokens) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withQueue(int queue) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withRowBytes(long rowBytes) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withContextTokens(int contextTokens) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withContexts(int contexts) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }

    public EngineSettings withIdleTokens(int idleTokens) {
        return new EngineSettings(
                contexts, cells, sequences, parallel, threads, batchTokens, queue, rowBytes, contextTokens, idleTokens);
    }
}
