package cloudchamber.coordinator.access;

/**
 * Who asks.
 *
 * @param keyId of the key; empty where none is needed
 */
public record Caller(String keyId, KeyRole role, Tenant tenant) {
    /** Somebody on this machine, while no key was ever made; and the process itself. */
    public static final Caller ANYBODY = new Caller("", KeyRole.ADMIN, Tenant.DEFAULT);

    /** Whether a key was shown that somebody was given. */
    public boolean known() {
        return !keyId.isEmpty();
    }
}
