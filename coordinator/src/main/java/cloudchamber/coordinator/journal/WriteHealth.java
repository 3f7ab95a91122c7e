package cloudchamber.coordinator.journal;

import java.util.Optional;

/** Whether the last write of this node succeeded. */
final class WriteHealth {
    private volatile StorageException trouble;

    void written() {
        trouble = null;
    }

    /** A statement that was refused says nothing of the next one. */
    void failed(Exception failure) {
        if (failure instanceof StorageException met && !(met instanceof StorageException.Overloaded)) {
            trouble = met;
        }
    }

    /** The trouble that the last write met; empty if it was written. */
    Optional<StorageException> trouble() {
        return Optional.ofNullable(trouble);
    }
}
