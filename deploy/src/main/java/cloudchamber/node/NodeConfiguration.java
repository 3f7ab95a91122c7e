package cloudchamber.node;

import cloudchamber.cli.tls.ClusterTls;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.protocol.wire.Role;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;

/** The configuration of a node that its options make. */
final class NodeConfiguration {
    private NodeConfiguration() {}

    static HttpSettings http(NodeOptions options) {
        try {
            return HttpSettings.from(of(options));
        } catch (IllegalArgumentException impossible) {
            throw new CommandFailure(ExitCode.USAGE, impossible.getMessage());
        }
    }

    static ActorSystemSetup setup(NodeOptions options) {
        var setup = ActorSystemSetup.create(BootstrapSetup.create(of(options)));
        return options.certificate()
                .map(certificate -> setup.and(ClusterTls.setup(certificate)))
                .orElse(setup);
    }

    private static Config of(NodeOptions options) {
        var settings = new HashMap<String, Object>(Map.of(
                "pekko.remote.artery.canonical.port",
                options.port(),
                "pekko.remote.artery.canonical.hostname",
                options.host(),
                "pekko.cluster.roles",
                options.roles().stream().map(Role::id).sorted().toList(),
                "cloudchamber.http.port",
                options.httpPort().orElse(0),
                "cloudchamber.journal.directory",
                options.data().toString()));
        options.certificate().ifPresent(certificate -> settings.put("pekko.remote.artery.transport", "tls-tcp"));
        options.database().ifPresent(url -> settings.put("cloudchamber.journal.url", url));
        settings.putAll(options.settings());
        return ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load());
    }
}
