package cloudchamber.coordinator.access;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a key allows; each role allows what those before it do. */
public enum KeyRole {
    /** To look at the tenant's jobs, and at the cluster. */
    READ,
    /** To submit, cancel and delete the tenant's jobs. */
    SUBMIT,
    /** To change the cluster, and to make keys for every tenant: the operator's. */
    ADMIN;

    /** The name in JSON. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<KeyRole> byId(String id) {
        return Arrays.stream(values()).filter(role -> role.id().equals(id)).findFirst();
    }

    public static List<String> ids() {
        return Arrays.stream(values()).map(KeyRole::id).toList();
    }

    public boolean allows(Access access) {
        return switch (access) {
            case OPEN, READ -> true;
            case SUBMIT -> this != READ;
            case ADMIN -> this == ADMIN;
        };
    }
}
