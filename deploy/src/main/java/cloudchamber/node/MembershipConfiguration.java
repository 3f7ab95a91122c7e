package cloudchamber.node;

import cloudchamber.coordinator.membership.MembershipSettings;
import com.typesafe.config.Config;

/** Reads {@code cloudchamber.membership}; the defaults stand in {@code application.conf}. */
public final class MembershipConfiguration {
    private MembershipConfiguration() {}

    /** @throws IllegalArgumentException if the times do not fit each other */
    public static MembershipSettings from(Config config) {
        var membership = config.getConfig("cloudchamber.membership");
        return new MembershipSettings(
                membership.getDuration("renewal"),
                membership.getDuration("silence"),
                membership.getDuration("gap"),
                membership.getDuration("undecided"),
                membership.getDuration("without-coordinator"),
                membership.getDuration("first-pause"),
                membership.getDuration("longest-pause"),
                membership.getDuration("lease-lifetime"));
    }
}
