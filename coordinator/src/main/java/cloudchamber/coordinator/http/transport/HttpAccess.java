package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.access.ApiKey;
import cloudchamber.coordinator.access.TenantLimits;
import cloudchamber.protocol.model.Secret;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may ask, and how it is kept from others.
 *
 * @param tls empty for plain HTTP
 * @param withoutTls whether an address that is no loopback address may be without TLS
 * @param ownKey a key of the process itself, which is in no database; empty if it has none
 * @param sessionLifetime how long somebody stays logged in
 * @param limits what tenants may ask for
 * @param bootstrapKey a file with the key of the first admin of a server without keys; empty for none
 */
public record HttpAccess(
        Optional<TlsFiles> tls,
        boolean withoutTls,
        Optional<ApiKey> ownKey,
        Duration sessionLifetime,
        TenantLimits limits,
        Optional<Path> bootstrapKey) {
    public HttpAccess {
        if (!sessionLifetime.isPositive()) {
            throw new IllegalArgumentException(
                    "cloudchamber.http.session-lifetime must be positive: was " + sessionLifetime);
        }
    }

    /** Reads what stands under {@code cloudchamber.http}. */
    static HttpAccess from(Config http) {
        return new HttpAccess(
                tls(http.getConfig("tls")),
                http.getBoolean("insecure"),
                Optional.empty(),
                http.getDuration("session-lifetime"),
                TenantLimits.from(http.getConfig("limits")),
                Optional.of(http.getString("bootstrap-key-file"))
                        .filter(file -> !file.isBlank())
                        .map(Path::of));
    }

    private static Optional<TlsFiles> tls(Config tls) {
        var certificate = tls.getString("certificate");
        var key = tls.getString("key");
        var store = tls.getString("key-store");
        if (certificate.isEmpty() != key.isEmpty() || !store.isEmpty() && !key.isEmpty()) {
            throw new IllegalArgumentException("cloudchamber.http.tls must have certificate and key, or key-store: had "
                    + (certificate.isEmpty() ? "no certificate, " : "certificate, ")
                    + (key.isEmpty() ? "no key" : "key")
                    + (store.isEmpty() ? "" : ", key-store"));
        }
        if (!store.isEmpty()) {
            var password = tls.getString("key-store-password");
            return Optional.of(new TlsFiles.Pkcs12(
                    Path.of(store), password.isEmpty() ? Optional.empty() : Optional.of(new Secret(password))));
        }
        return key.isEmpty() ? Optional.empty() : Optional.of(new TlsFiles.Pem(Path.of(certificate), Path.of(key)));
    }

    /** The same with a key of the process itself. */
    public HttpAccess withOwnKey(ApiKey key) {
        return new HttpAccess(tls, withoutTls, Optional.of(key), sessionLifetime, limits, bootstrapKey);
    }
}
