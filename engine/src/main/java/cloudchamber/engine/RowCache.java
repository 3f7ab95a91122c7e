package cloudchamber.engine;

import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * The logits at the end of some texts, so that several continuations of one text can begin without
 * reading its last token again. The least recently used go first.
 */
final class RowCache {
    private final long maxBytes;
    private final LinkedHashMap<Tokens, float[]> rows = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    RowCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    Optional<float[]> get(Tokens text) {
        return Optional.ofNullable(rows.get(text));
    }

    /** Keeps a copy of the row. */
    void put(Tokens text, float[] row) {
        if (size(text, row) > maxBytes || rows.containsKey(text)) {
            return;
        }
        rows.put(text, row.clone());
        bytes += size(text, row);
        var oldest = rows.entrySet().iterator();
        while (bytes > maxBytes) {
            var entry = oldest.next();
            bytes -= size(entry.getKey(), entry.getValue());
            oldest.remove();
        }
    }

    private static long size(Tokens text, float[] row) {
        return (long) Float.BYTES * row.length + (long) Integer.BYTES * text.size();
    }
}
