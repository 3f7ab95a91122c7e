package cloudchamber.node;

import cloudchamber.cli.tls.NodeCertificate;
import cloudchamber.protocol.wire.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a node does.
 *
 * @param policies names of the policy models it serves, if it has the role
 * @param prms names of the PRMs it serves, if it has the role
 * @param port of the cluster; 0 takes a free one
 * @param join addresses {@code HOST:PORT} of coordinators, for a worker to join
 * @param httpPort of the API, if the node has the role COORDINATOR; empty for none, 0 takes a free one
 * @param data the data directory
 * @param database the URL of a database that several coordinators share; empty for one in {@code data}
 * @param host the address of the cluster's port
 * @param settings further ones, by their paths
 * @param certificate what the node proves with that it is a member; empty for a cluster without TLS
 */
public record NodeOptions(
        Set<Role> roles,
        List<String> policies,
        List<String> prms,
        int port,
        List<String> join,
        OptionalInt httpPort,
        Path data,
        Optional<String> database,
        String host,
        Map<String, Object> settings,
        Optional<NodeCertificate> certificate) {
    /** Where nodes listen unless told otherwise. */
    public static final String LOOPBACK = OwnerCertificates.LOOPBACK;

    public NodeOptions {
        roles = Set.copyOf(roles);
        policies = List.copyOf(policies);
        prms = List.copyOf(prms);
        join = List.copyOf(join);
        settings = Map.copyOf(settings);
    }

    /** On the loopback address, where nodes of this user alone are members. */
    public NodeOptions(
            Set<Role> roles,
            List<String> policies,
            List<String> prms,
            int port,
            List<String> join,
            OptionalInt httpPort,
            Path data,
            Optional<String> database) {
        this(roles, policies, prms, port, join, httpPort, data, database, LOOPBACK, OwnerCertificates.loopback());
    }

    /** With the usual settings. */
    public NodeOptions(
            Set<Role> roles,
            List<String> policies,
            List<String> prms,
            int port,
            List<String> join,
            OptionalInt httpPort,
            Path data,
            Optional<String> database,
            String host,
            Optional<NodeCertificate> certificate) {
        this(roles, policies, prms, port, join, httpPort, data, database, host, Map.of(), certificate);
    }

    /** The same node, which may join these too. */
    public NodeOptions joining(List<String> members) {
        var all = Stream.concat(join.stream(), members.stream()).distinct().toList();
        return new NodeOptions(roles, policies, prms, port, all, httpPort, data, database, host, settings, certificate);
    }
}
