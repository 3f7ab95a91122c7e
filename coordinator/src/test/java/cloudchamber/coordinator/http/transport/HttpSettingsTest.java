package cloudchamber.coordinator.http.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.access.TenantLimit;
import cloudchamber.coordinator.access.TenantLimits;
import cloudchamber.protocol.model.Secret;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {

    private static final HttpAccess OPEN = new HttpAccess(
            Optional.empty(), false, Optional.empty(), Duration.ofHours(12), TenantLimits.NONE, Optional.empty());

    @Test
    void readsTheDefaults() {
        assertThat(HttpSettings.from(ConfigFactory.load()))
                .isEqualTo(new HttpSettings(
                        "127.0.0.1",
                        8080,
                        Duration.ofSeconds(20),
                        Duration.ofMinutes(10),
                        16 << 20,
                        100_000,
                        1024,
                        List.of(),
                        new HttpAccess(
                                Optional.empty(),
                                false,
                                Optional.empty(),
                                Duration.ofHours(12),
                                new TenantLimits(new TenantLimit(6000, 0, 256), Map.of()),
                                Optional.empty())));
    }

    @Test
    void readsTheFilesOfTlsAndTheLimitsOfTenants() {
        var access = HttpSettings.from(ConfigFactory.parseString("""
                        cloudchamber.http {
                          tls { key-store = server.p12, key-store-password = canary }
                          limits.tenants { night { in-flight = 8 } }
                        }""").withFallback(ConfigFactory.load()))
                .access();

        assertThat(access.tls())
                .contains(new TlsFiles.Pkcs12(Path.of("server.p12"), Optional.of(new Secret("canary"))));
        assertThat(access.toString()).doesNotContain("canary");
        assertThat(access.limits().of(new Tenant("night"))).isEqualTo(new TenantLimit(6000, 0, 8));
        assertThat(access.limits().of(Tenant.DEFAULT)).isEqualTo(new TenantLimit(6000, 0, 256));
    }

    @Test
    void halfOfTlsIsRefused() {
        var half = ConfigFactory.parseString("cloudchamber.http.tls.key = server.key")
                .withFallback(ConfigFactory.load());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpSettings.from(half))
                .withMessage("cloudchamber.http.tls must have certificate and key, or key-store: had no certificate,"
                        + " key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"})
    void listensOnLoopback(String host) {
        assertThat(settings(host).host()).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.168.1.7"})
    void listensElsewhereOnlyWithTls(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(host))
                .withMessage("cloudchamber.http.host must be a loopback address, or there must be TLS, for keys and"
                        + " answers would go over the network in the open: was " + host
                        + " without cloudchamber.http.tls; give --http-certificate and --http-key, or --insecure-http"
                        + " where something before the server does TLS");
        var files = new TlsFiles.Pem(Path.of("server.crt"), Path.of("server.key"));
        assertThat(settings("localhost")
                        .with(new HttpAccess(
                                Optional.of(files),
                                false,
                                Optional.empty(),
                                Duration.ofHours(12),
                                TenantLimits.NONE,
                                Optional.empty()))
                        .onLoopback())
                .isTrue();
        assertThat(settings(host, true).onLoopback()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "localhost.example.org", ""})
    void aNameIsNoAddress(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(host))
                .withMessage("cloudchamber.http.host must be localhost or the address of an interface, such as 0.0.0.0"
                        + " for all of them: was " + host);
    }

    @Test
    void refusesAPortThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("localhost").withPort(65_536))
                .withMessage("cloudchamber.http.port must be between 0 and 65535: was 65536");
    }

    private static HttpSettings settings(String host) {
        return settings(host, false);
    }

    private static HttpSettings settings(String host, boolean withoutTls) {
        return new HttpSettings(
                host,
                8080,
                Duration.ofSeconds(20),
                Duration.ofMinutes(10),
                1,
                1,
                1,
                List.of(),
                new HttpAccess(
                        OPEN.tls(),
                        withoutTls,
                        OPEN.ownKey(),
                        OPEN.sessionLifetime(),
                        OPEN.limits(),
                        Optional.empty()));
    }
}
