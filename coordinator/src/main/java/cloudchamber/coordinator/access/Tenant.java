package cloudchamber.coordinator.access;

import cloudchamber.coordinator.job.JobSpecification;
import java.util.regex.Pattern;

/**
 * On whose behalf something is asked. What belongs to one tenant is to all others as if it were not there.
 *
 * @param name 1 to 32 small letters, digits and hyphens, the first no hyphen
 */
public record Tenant(String name) {
    static final String NAME_RULE =
            "a tenant's name must have 1 to 32 small letters, digits and hyphens, the first no hyphen";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");

    /** Stands in no name, and in no id that a client may choose. */
    private static final String BETWEEN = " ";

    /** Whose everything is that nobody in particular has asked for. */
    public static final Tenant DEFAULT = new Tenant(JobSpecification.DEFAULT_TENANT);

    public Tenant {
        if (!isName(name)) {
            throw new IllegalArgumentException(NAME_RULE + ": was another");
        }
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** What an id of the tenant's own choice stands for in the cluster; two tenants' never meet. */
    public String scoped(String id) {
        return equals(DEFAULT) ? id : name + BETWEEN + id;
    }

    /** Whether the id in the cluster is one of the tenant's. */
    public boolean owns(String scoped) {
        return equals(DEFAULT) ? !scoped.contains(BETWEEN) : scoped.startsWith(name + BETWEEN);
    }
}
