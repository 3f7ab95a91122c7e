package cloudchamber.coordinator.http;

/**
 * Who asks.
 *
 * @param keyId of the key; empty where none is needed
 */
record Caller(String keyId, KeyRole role, Tenant tenant) {
    /** Somebody on this machine, while no key was ever made; and the process itself. */
    static final Caller ANYBODY = new Caller("", KeyRole.ADMIN, Tenant.DEFAULT);

    /** Whether a key was shown that somebody was given. */
    boolean known() {
        return !keyId.isEmpty();
    }
}
