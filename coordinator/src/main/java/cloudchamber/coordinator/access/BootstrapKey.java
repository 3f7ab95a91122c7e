package cloudchamber.coordinator.access;

import cloudchamber.coordinator.journal.KeyStore;
import cloudchamber.coordinator.journal.KeyStore.KeyRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/**
 * The key of the first admin, given to a server without keys in a file: whoever wrote the file can make all other keys
 * through the API. Only the hash of the key is stored. A server with keys does not read the file.
 */
public final class BootstrapKey {
    private static final int ID_DIGITS = 16;
    private static final int MAX_BYTES = 1024;

    private BootstrapKey() {}

    /**
     * Stores the key, unless there is one.
     *
     * @return fails with an {@code IllegalArgumentException} if the file does not hold a key
     */
    public static CompletionStage<Boolean> store(Path file, KeyStore keys, long nowMillis) {
        return keys.addFirst(row(read(file), nowMillis));
    }

    private static ApiKey read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw unusable(file, "is larger");
            }
            return ApiKey.parse(Files.readString(file).strip()).orElseThrow(() -> unusable(file, "holds another text"));
        } catch (IOException unreadable) {
            throw unusable(file, "cannot be read: " + unreadable);
        }
    }

    private static IllegalArgumentException unusable(Path file, String seen) {
        return new IllegalArgumentException("the bootstrap key file [" + file
                + "] must hold a key: cck_ and 43 letters, digits, hyphens or underscores: " + seen);
    }

    /** All nodes that are given the same key make the same row of it. */
    private static KeyRow row(ApiKey key, long nowMillis) {
        return new KeyRow(
                "key-" + key.hash().substring(0, ID_DIGITS),
                key.hash(),
                "bootstrap",
                KeyRole.ADMIN.id(),
                Tenant.DEFAULT.name(),
                nowMillis,
                null,
                null);
    }
}
