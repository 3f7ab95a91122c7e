package cloudchamber.coordinator.http.transport;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * Where the API listens and what it takes.
 *
 * @param host {@code localhost} or the literal of an address; one that is no loopback address only with TLS
 * @param port in [0, 65535]; 0 takes a free one
 * @param requestTimeout how long one request may take, its body included
 * @param chatTimeout how long a chat completion may take that is not streamed
 * @param maxContentLengthBytes of a request's body
 * @param maxQuestionCharacters of one problem's question
 * @param maxParticles of one problem
 * @param models the models a job may name beside those that are served; empty if any name will do
 * @param access who may ask
 */
public record HttpSettings(
        String host,
        int port,
        Duration requestTimeout,
        Duration chatTimeout,
        long maxContentLengthBytes,
        int maxQuestionCharacters,
        int maxParticles,
        List<String> models,
        HttpAccess access) {
    public HttpSettings {
        models = List.copyOf(models);
        if (!loopback(host) && !isAddress(host)) {
            throw new IllegalArgumentException(
                    "cloudchamber.http.host must be localhost or the address of an interface, such as 0.0.0.0 for all"
                            + " of them: was " + host);
        }
        if (!loopback(host) && access.tls().isEmpty() && !access.withoutTls()) {
            throw new IllegalArgumentException(
                    "cloudchamber.http.host must be a loopback address, or there must be TLS,"
                            + " for keys and answers would go over the network in the open: was " + host
                            + " without cloudchamber.http.tls; give --http-certificate and --http-key, or --insecure-http where"
                            + " something before the server does TLS");
        }
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("cloudchamber.http.port must be between 0 and 65535: was " + port);
        }
        if (!requestTimeout.isPositive() || !chatTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "cloudchamber.http.request-timeout and chat-timeout must be positive: were " + requestTimeout
                            + " and " + chatTimeout);
        }
        if (maxContentLengthBytes < 1 || maxQuestionCharacters < 1 || maxParticles < 1) {
            throw new IllegalArgumentException(
                    "cloudchamber.http.max-content-length, max-question-characters and max-particles must be at least"
                            + " 1: were " + maxContentLengthBytes + ", " + maxQuestionCharacters + " and "
                            + maxParticles);
        }
    }

    /** Reads {@code cloudchamber.http}; the defaults stand in {@code reference.conf}. */
    public static HttpSettings from(Config config) {
        var http = config.getConfig("cloudchamber.http");
        return new HttpSettings(
                http.getString("host"),
                http.getInt("port"),
                http.getDuration("request-timeout"),
                http.getDuration("chat-timeout"),
                http.getBytes("max-content-length"),
                http.getInt("max-question-characters"),
                http.getInt("max-particles"),
                http.getStringList("models"),
                HttpAccess.from(http));
    }

    public HttpSettings withPort(int port) {
        return new HttpSettings(
                host,
                port,
                requestTimeout,
                chatTimeout,
                maxContentLengthBytes,
                maxQuestionCharacters,
                maxParticles,
                models,
                access);
    }

    /** The same for other callers. */
    public HttpSettings with(HttpAccess others) {
        return new HttpSettings(
                host,
                port,
                requestTimeout,
                chatTimeout,
                maxContentLengthBytes,
                maxQuestionCharacters,
                maxParticles,
                models,
                others);
    }

    /**
     * Where the server answers.
     *
     * @param bound the port it took
     */
    public String url(int bound) {
        var address = host.contains(":") ? "[" + host + "]" : host;
        return (access.tls().isPresent() ? "https://" : "http://") + address + ":" + bound;
    }

    /** Whether only this machine reaches the server. */
    public boolean onLoopback() {
        return loopback(host);
    }

    private static boolean isAddress(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException notALiteral) {
            return false;
        }
    }

    /** Whether a host, as a setting or a {@code Host} header names it, is this machine; looks nothing up. */
    static boolean loopback(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException notALiteral) {
            return false;
        }
    }
}
