package cloudchamber.coordinator.journal;

/**
 * An API key as it is kept. Times are in milliseconds since 1970.
 *
 * @param hash of the key; the key itself is nowhere
 * @param name what its owner calls it
 * @param role in lower case
 * @param expiresAtMillis null if it does not expire
 * @param revokedAtMillis null while it was not revoked
 */
public record KeyRow(
        String id,
        String hash,
        String name,
        String role,
        String tenant,
        long createdAtMillis,
        Long expiresAtMillis,
        Long revokedAtMillis) {}
