package cloudchamber.coordinator.http.cluster;

import cloudchamber.coordinator.access.KeyOrder;
import cloudchamber.coordinator.access.Keyring;
import cloudchamber.coordinator.http.api.JobDocument;
import cloudchamber.coordinator.journal.KeyStore.KeyRow;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;

/**
 * A key in JSON.
 *
 * @param status {@code valid}, {@code expired} or {@code revoked}
 * @param createdAt as ISO 8601 has it, in UTC
 * @param expiresAt null if it does not expire
 * @param revokedAt null while it was not revoked
 * @param key its text, told once, where it was made
 */
public record KeyDocument(
        String id,
        String name,
        String role,
        String tenant,
        String status,
        String createdAt,
        String expiresAt,
        String revokedAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) String key) {

    public static KeyDocument of(KeyRow row, long nowMillis) {
        return of(row, nowMillis, null);
    }

    /** With the key itself. */
    public static KeyDocument of(KeyOrder.Issued issued) {
        return of(
                issued.row(),
                issued.row().createdAtMillis(),
                issued.key().text().value());
    }

    private static KeyDocument of(KeyRow row, long nowMillis, String key) {
        return new KeyDocument(
                row.id(),
                row.name(),
                row.role(),
                row.tenant(),
                Keyring.standing(row, nowMillis).name().toLowerCase(Locale.ROOT),
                JobDocument.instant(row.createdAtMillis()),
                JobDocument.instant(row.expiresAtMillis()),
                JobDocument.instant(row.revokedAtMillis()),
                key);
    }
}
