package cloudchamber.engine.binding;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;

/** Receives what the library would print. Keeps the first error for messages: what
 * follows says less; the rest is dropped. */
final class NativeLog {
    private static final int ERROR = 4;

    private final AtomicReference<String> firstError = new AtomicReference<>("");

    /** Called from native threads: it must not throw. */
    @SuppressWarnings("restricted")
    void receive(int level, MemorySegment text, MemorySegment data) {
        if (level == ERROR && text.address() != 0) {
            firstError.compareAndSet(
                    "", text.reinterpret(Long.MAX_VALUE).getString(0).strip());
        }
    }

    String takeError() {
        return firstError.getAndSet("");
    }
}
