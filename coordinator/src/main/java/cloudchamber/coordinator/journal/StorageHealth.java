package cloudchamber.coordinator.journal;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** How the database of this node stands, as its last reads and writes have shown. */
final class StorageHealth {

    /**
     * What the last write came to.
     *
     * @param trouble it met; null if it was written
     */
    private record LastWrite(long atMillis, StorageException trouble) {}

    private final LongSupplier clockMillis;
    private final CompletableFuture<StorageException.Damaged> damage = new CompletableFuture<>();
    private final Set<CompletableFuture<?>> waiting = ConcurrentHashMap.newKeySet();
    private volatile LastWrite lastWrite;

    /** @param clockMillis of a clock that never goes back */
    StorageHealth(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
        // The schema was just made or checked.
        this.lastWrite = new LastWrite(clockMillis.getAsLong(), null);
    }

    void written() {
        lastWrite = new LastWrite(clockMillis.getAsLong(), null);
    }

    /** A statement that was refused says nothing of the next one. */
    void writeFailed(Exception failure) {
        if (failure instanceof StorageException trouble && !(failure instanceof StorageException.Overloaded)) {
            lastWrite = new LastWrite(clockMillis.getAsLong(), trouble);
            waiting.forEach(reply -> reply.completeExceptionally(trouble));
        }
        failed(failure);
    }

    /** A read or a write has failed. */
    void failed(Exception failure) {
        if (failure instanceof StorageException.Damaged damaged) {
            damage.complete(damaged);
        }
    }

    /** The trouble that the last write met; empty if it was written. */
    Optional<StorageException> trouble() {
        return Optional.ofNullable(lastWrite.trouble());
    }

    /** How long ago the last write ended. */
    long sinceLastWriteMillis() {
        return clockMillis.getAsLong() - lastWrite.atMillis();
    }

    /** Completes when the database was found to be damaged. */
    CompletableFuture<StorageException.Damaged> damage() {
        return damage;
    }

    /** The same reply, or the trouble that a write met before it came. */
    <T> CompletionStage<T> orTrouble(CompletionStage<T> reply) {
        var first = new CompletableFuture<T>();
        waiting.add(first);
        reply.whenComplete((came, failure) -> {
            if (failure == null) {
                first.complete(came);
            } else {
                first.completeExceptionally(failure);
            }
        });
        first.whenComplete((came, failure) -> waiting.remove(first));
        return first;
    }
}
