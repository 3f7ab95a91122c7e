package cloudchamber.worker.remote;

import cloudchamber.protocol.model.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a model server is and how much is asked of it.
 *
 * @param url {@code http} or {@code https}, a host, maybe a port and a path; no user, query or fragment
 * @param key sent to that host alone, as a bearer token
 * @param slots the most requests that run at once, at least 1; fewer run while the server is overloaded
 * @param dataParallelRank which rank of a data-parallel server serves every request; empty leaves it to the
 *     server
 * @param baseTimeout what a call may take beside its tokens
 * @param tokenTimeout what one token may take at worst; a call for n tokens ends after {@code baseTimeout +
 *     n × tokenTimeout}. Far above the usual, for a limit that cuts long steps would favour short ones
 * @param patience how long a request that meets trouble is tried again before it is refused
 * @param maxResponseBytes a longer reply is cut off and refused
 * @param strictModel whether a reply must name the model that was asked for; a later reply that names another one than
 *     the first is refused in any case
 */
public record RemoteSettings(
        URI url,
        Optional<Secret> key,
        int slots,
        OptionalInt dataParallelRank,
        Duration baseTimeout,
        Duration tokenTimeout,
        Duration patience,
        int maxResponseBytes,
        boolean strictModel) {
    private static final int SLOTS = 64;
    private static final int MAX_RESPONSE_BYTES = 8 << 20;

    public RemoteSettings {
        check(url);
        if (slots < 1) {
            throw new IllegalArgumentException("slots must be at least 1: was " + slots);
        }
        for (var duration : List.of(baseTimeout, tokenTimeout, patience)) {
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException("timeouts and patience must be positive: was " + duration);
            }
        }
        if (maxResponseBytes < 1) {
            throw new IllegalArgumentException("maxResponseBytes must be at least 1: was " + maxResponseBytes);
        }
    }

    private static void check(URI url) {
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!http
                || url.getHost() == null
                || url.getUserInfo() != null
                || url.getQuery() != null
                || url.getFragment() != null) {
            throw new IllegalArgumentException(
                    "a server's url must be http(s)://HOST[:PORT][/PATH] without user, query or fragment: was "
                            + (url.getUserInfo() == null ? url : "one with a user"));
        }
    }

    /** The server at {@code url}, no key, the defaults. */
    public static RemoteSettings at(URI url) {
        return new RemoteSettings(
                url,
                Optional.empty(),
                SLOTS,
                OptionalInt.empty(),
                Duration.ofSeconds(15),
                Duration.ofMillis(500),
                Duration.ofSeconds(60),
                MAX_RESPONSE_BYTES,
                false);
    }

    public RemoteSettings withKey(Secret key) {
        return new RemoteSettings(
                url,
                Optional.of(key),
                slots,
                dataParallelRank,
                baseTimeout,
                tokenTimeout,
                patience,
                maxResponseBytes,
                strictModel);
    }

    public RemoteSettings withSlots(int slots) {
        return new RemoteSettings(
                url, key, slots, dataParallelRank, baseTimeout, tokenTimeout, patience, maxResponseBytes, strictModel);
    }

    public RemoteSettings withDataParallelRank(int rank) {
        return new RemoteSettings(
                url,
                key,
                slots,
                OptionalInt.of(rank),
                baseTimeout,
                tokenTimeout,
                patience,
                maxResponseBytes,
                strictModel);
    }

    public RemoteSettings withTimeouts(Duration baseTimeout, Duration tokenTimeout) {
        return new RemoteSettings(
                url, key, slots, dataParallelRank, baseTimeout, tokenTimeout, patience, maxResponseBytes, strictModel);
    }

    public RemoteSettings withPatience(Duration patience) {
        return new RemoteSettings(
                url, key, slots, dataParallelRank, baseTimeout, tokenTimeout, patience, maxResponseBytes, strictModel);
    }

    public RemoteSettings withMaxResponseBytes(int maxResponseBytes) {
        return new RemoteSettings(
                url, key, slots, dataParallelRank, baseTimeout, tokenTimeout, patience, maxResponseBytes, strictModel);
    }

    /** One that refuses a reply which names another model than was asked for. */
    public RemoteSettings withStrictModel(boolean strict) {
        return new RemoteSettings(
                url, key, slots, dataParallelRank, baseTimeout, tokenTimeout, patience, maxResponseBytes, strict);
    }

    /** What a call that generates {@code tokens} tokens may take. */
    public Duration limit(int tokens) {
        return baseTimeout.plus(tokenTimeout.multipliedBy(tokens));
    }
}
