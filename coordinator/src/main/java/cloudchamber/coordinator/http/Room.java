package cloudchamber.coordinator.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds what the bodies of all requests under way take up together. */
final class Room {
    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    Room(long bytes) {
        this.bytes = bytes;
    }

    /** Takes so much, if it is there. */
    boolean take(long wanted) {
        long after = taken.addAndGet(wanted);
        if (after > bytes) {
            taken.addAndGet(-wanted);
            return false;
        }
        return true;
    }

    void giveBack(long took) {
        taken.addAndGet(-took);
    }
}
