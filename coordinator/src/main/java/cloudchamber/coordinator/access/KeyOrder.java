package cloudchamber.coordinator.access;

import cloudchamber.coordinator.journal.KeyStore.KeyRow;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A key that is asked for.
 *
 * @param name what its owner calls it; may be empty
 * @param tenant its name
 * @param validFor empty if it does not expire
 */
public record KeyOrder(String name, KeyRole role, String tenant, Optional<Duration> validFor) {
    static final int MAX_NAME_LENGTH = 100;
    /** A hundred years: beyond it a key may as well not expire. */
    public static final Duration MAX_VALIDITY = Duration.ofDays(36_525);

    private static final int ID_BYTES = 8;

    /** @throws IllegalArgumentException if there can be no such key */
    public KeyOrder {
        if (name.length() > MAX_NAME_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a key's name must have at most " + MAX_NAME_LENGTH
                    + " characters, no control characters: was another");
        }
        if (!Tenant.isName(tenant)) {
            throw new IllegalArgumentException(Tenant.NAME_RULE + ": was another");
        }
        if (validFor.isPresent()
                && (!validFor.get().isPositive() || validFor.get().compareTo(MAX_VALIDITY) > 0)) {
            throw new IllegalArgumentException("a key must be valid for a time between 1 second and "
                    + MAX_VALIDITY.toDays() + " days: was " + validFor.get().toSeconds() + " seconds");
        }
    }

    /** A new key, and what is kept of it. */
    public record Issued(ApiKey key, KeyRow row) {}

    /** Makes the key; it counts once its row is kept. */
    public Issued issue(SecureRandom random, long nowMillis) {
        var key = ApiKey.random(random);
        var id = new byte[ID_BYTES];
        random.nextBytes(id);
        return new Issued(
                key,
                new KeyRow(
                        "key-" + HexFormat.of().formatHex(id),
                        key.hash(),
                        name,
                        role.id(),
                        tenant,
                        nowMillis,
                        validFor.map(duration -> nowMillis + duration.toMillis())
                                .orElse(null),
                        null));
    }
}
