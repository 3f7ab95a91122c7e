package cloudchamber.coordinator.journal;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

    /**
     * Finds out whether the database can be written to, by a write: at most one a second, shared by all who ask. After
     * trouble the write is a larger one, for a small one may find room where the next event finds none.
     */
    static final class WriteProbe {
        private static final long INTERVAL_MILLIS = 1000;
        private static final int SMALL_BYTES = 16;
        private static final int LARGE_BYTES = 256 * 1024;
        /** The rows that all nodes of a shared database have together. */
        private static final int ROWS = 64;

        private final GroupCommit writer;
        private final StorageHealth health;
        private final Random random = new Random();
        private final int row = random.nextInt(ROWS);
        private CompletionStage<Optional<StorageException>> running =
                CompletableFuture.completedStage(Optional.empty());

        WriteProbe(GroupCommit writer, StorageHealth health) {
            this.writer = writer;
            this.health = health;
        }

        /** The trouble that a write meets now; empty if there is none. */
        synchronized CompletionStage<Optional<StorageException>> check() {
            if (!running.toCompletableFuture().isDone()) {
                return running;
            }
            if (health.sinceLastWriteMillis() < INTERVAL_MILLIS) {
                return CompletableFuture.completedStage(health.trouble());
            }
            var payload = new byte[health.trouble().isPresent() ? LARGE_BYTES : SMALL_BYTES];
            // A database may store a run of zeros in no room.
            random.nextBytes(payload);
            running = writer.write(List.of(Statement.PROBE.with(row, payload)))
                    .handle((written, failure) -> Optional.ofNullable(failure).map(WriteProbe::trouble))
                    .toCompletableFuture();
            return running;
        }

        private static StorageException trouble(Throwable failure) {
            var cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return cause instanceof StorageException trouble
                    ? trouble
                    : new StorageException("the database must be writable: " + cause.getMessage(), cause);
        }
    }
}
