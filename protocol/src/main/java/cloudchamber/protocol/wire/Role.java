package cloudchamber.protocol.wire;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a node of the cluster does; a node may have any mix of roles. */
public enum Role {
    /** Owns problems and jobs, hands out work, serves HTTP. */
    COORDINATOR("coordinator"),
    /** Extends particles by a policy model. */
    POLICY("policy"),
    /** Scores prefixes by a process reward model. */
    PRM("prm");

    private final String id;

    Role(String id) {
        this.id = id;
    }

    /** The name on the command line and as a role of the cluster's member. */
    public String id() {
        return id;
    }

    /** The role of that name, if there is one. */
    public static Optional<Role> byId(String id) {
        return Arrays.stream(values()).filter(role -> role.id.equals(id)).findFirst();
    }

    /** All names, for messages. */
    public static String ids() {
        return Arrays.stream(values()).map(Role::id).collect(Collectors.joining(", "));
    }
}
