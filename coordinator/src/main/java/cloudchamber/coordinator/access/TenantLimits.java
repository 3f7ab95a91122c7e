package cloudchamber.coordinator.access;

import com.typesafe.config.Config;
import java.util.HashMap;
import java.util.Map;

/**
 * What tenants may ask for.
 *
 * @param standard of every tenant that has none of its own
 * @param byTenant by the tenant's name
 */
public record TenantLimits(TenantLimit standard, Map<String, TenantLimit> byTenant) {
    public static final TenantLimits NONE = new TenantLimits(TenantLimit.NONE, Map.of());

    public TenantLimits {
        byTenant = Map.copyOf(byTenant);
    }

    /** Reads {@code cloudchamber.http.limits}; what a tenant's own leave out is as usual. */
    public static TenantLimits from(Config limits) {
        var standard = limits.getConfig("standard");
        var byTenant = new HashMap<String, TenantLimit>();
        var tenants = limits.getConfig("tenants");
        for (var name : tenants.root().keySet()) {
            if (!Tenant.isName(name)) {
                throw new IllegalArgumentException(
                        "cloudchamber.http.limits.tenants must have names of tenants: had " + name);
            }
            byTenant.put(name, limit(tenants.getConfig('"' + name + '"').withFallback(standard)));
        }
        return new TenantLimits(limit(standard), byTenant);
    }

    private static TenantLimit limit(Config limit) {
        return new TenantLimit(
                limit.getLong("requests-per-minute"), limit.getLong("tokens-per-minute"), limit.getInt("in-flight"));
    }

    public TenantLimit of(Tenant tenant) {
        return byTenant.getOrDefault(tenant.name(), standard);
    }

    /** Whether anybody's tokens are counted. */
    boolean countTokens() {
        return standard.tokensPerMinute() > 0
                || byTenant.values().stream().anyMatch(limit -> limit.tokensPerMinute() > 0);
    }
}
