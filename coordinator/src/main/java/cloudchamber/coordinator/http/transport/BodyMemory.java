package cloudchamber.coordinator.http.transport;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds what the bodies of all requests under way take up together. */
public final class BodyMemory {
    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    public BodyMemory(long bytes) {
        this.bytes = bytes;
    }

    /** Takes so much, if it is there. */
    public boolean take(long wanted) {
        long after = taken.addAndGet(wanted);
        if (after > bytes) {
            taken.addAndGet(-wanted);
            return false;
        }
        return true;
    }

    public void giveBack(long took) {
        taken.addAndGet(-took);
    }
}
