package cloudchamber.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {

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
                        List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"})
    void listensOnLoopback(String host) {
        assertThat(settings(host).host()).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.168.1.7", "example.org", "localhost.example.org", ""})
    void listensNowhereElse(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(host))
                .withMessage("cloudchamber.http.host must be localhost or a loopback address, for the API has no keys"
                        + " and no TLS: was " + host);
    }

    @Test
    void refusesAPortThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("localhost").withPort(65_536))
                .withMessage("cloudchamber.http.port must be between 0 and 65535: was 65536");
    }

    private static HttpSettings settings(String host) {
        return new HttpSettings(host, 8080, Duration.ofSeconds(20), Duration.ofMinutes(10), 1, 1, 1, List.of());
    }
}
