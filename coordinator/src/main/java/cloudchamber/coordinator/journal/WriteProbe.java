package cloudchamber.coordinator.journal;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Finds out whether the database can be written to, by a write: at most one a second, shared by all who ask. After
 * trouble the write is a larger one, for a small one may find room where the next event finds none.
 */
final class WriteProbe {
    private static final long INTERVAL_MILLIS = 1000;
    private static final int SMALL_BYTES = 16;
    private static final int LARGE_BYTES = 256 * 1024;
    /** The rows that all nodes of a shared database have together. */
    private static final int ROWS = 64;

    private final GroupCommit writer;
    private final StorageHealth health;
    private final Random random = new Random();
    private final int row = random.nextInt(ROWS);
    private CompletionStage<Optional<StorageException>> running = CompletableFuture.completedStage(Optional.empty());

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
        var cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StorageException trouble
                ? trouble
                : new StorageException("the database must be writable: " + cause.getMessage(), cause);
    }
}
