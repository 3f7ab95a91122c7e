package cloudchamber.coordinator.http.transport;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many connections there may be, and how long one may say nothing.
 *
 * @param max that are served at one time
 * @param maxRefused beyond those, that are answered 503; what comes beyond them is closed
 * @param maxPerAddress of the served, from one address; 0 for as many as it likes
 * @param exempt addresses that have no limit of their own: proxies; those of this machine never have one
 * @param firstRequest how long the first request may take to come
 */
public record ConnectionLimits(
        int max, int maxRefused, int maxPerAddress, Set<InetAddress> exempt, Duration firstRequest) {
    public ConnectionLimits {
        exempt = Set.copyOf(exempt);
        if (max < 1 || maxRefused < 0 || maxPerAddress < 0 || !firstRequest.isPositive()) {
            throw new IllegalArgumentException("cloudchamber.http.server.max-connections must be at least 1, and"
                    + " cloudchamber.http.connections.max-refused, max-per-address and first-request not negative: were "
                    + max + ", " + maxRefused + ", " + maxPerAddress + " and " + firstRequest);
        }
    }

    /** Reads {@code cloudchamber.http}; the defaults stand in {@code reference.conf}. */
    public static ConnectionLimits from(Config config) {
        var connections = config.getConfig("cloudchamber.http.connections");
        return new ConnectionLimits(
                config.getInt("cloudchamber.http.server.max-connections"),
                connections.getInt("max-refused"),
                connections.getInt("max-per-address"),
                connections.getStringList("exempt").stream()
                        .map(InetAddress::ofLiteral)
                        .collect(Collectors.toSet()),
                connections.getDuration("first-request"));
    }
}
