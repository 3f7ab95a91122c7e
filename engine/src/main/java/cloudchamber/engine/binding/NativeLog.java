package cloudchamber.engine.binding;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;

/** Receives what the library would print. Keeps the last error for messages; the rest is dropped. */
final class NativeLog {
    private static final int ERROR = 4;

    private final AtomicReference<String> lastError = new AtomicReference<>("");

    /** Called from native threads: it must not throw. */
    @SuppressWarnings("restricted")
    void receive(int level, MemorySegment text, MemorySegment data) {
        if (level == ERROR && text.address() != 0) {
            lastError.set(text.reinterpret(Long.MAX_VALUE).getString(0).strip());
        }
    }

    String takeLastError() {
        return lastError.getAndSet("");
    }
}
