package cloudchamber.coordinator.journal;

/**
 * Somebody who has logged in with a key.
 *
 * @param hash of what the browser sends
 * @param key the key's id
 * @param expiresAtMillis milliseconds since 1970
 */
public record SessionRow(String hash, String key, long expiresAtMillis) {}
