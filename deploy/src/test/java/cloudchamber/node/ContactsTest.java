package cloudchamber.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContactsTest {
    /** A name that RFC 6761 keeps unknown. */
    private static final String UNKNOWN = "coordinators.invalid";

    @Test
    void aNameStandsForItsAddressesAndForItself() {
        assertThat(Contacts.resolved(List.of("localhost:7355", "127.0.0.9:7356", UNKNOWN + ":7357")))
                .contains("localhost:7355", "127.0.0.1:7355", "127.0.0.9:7356", UNKNOWN + ":7357");
    }

    @ParameterizedTest
    @CsvSource({
        "gpu1:7355, true",
        "192.0.2.7:65535, true",
        "[2001:db8::1]:7355, true",
        "gpu1, false",
        "gpu1:, false",
        ":7355, false",
        "gpu1:0, false",
        "gpu1:65536, false",
        "gpu1:http, false"
    })
    void aContactHasAHostAndAPort(String contact, boolean valid) {
        assertThat(Contacts.valid(contact)).isEqualTo(valid);
    }

    @Test
    void aNameThatStaysUnknownIsGivenUp() throws InterruptedException {
        var interval = Duration.ofMillis(10);

        assertThat(HostNames.await(UNKNOWN, Duration.ofMillis(50), interval)).isEmpty();
        assertThat(HostNames.await("127.0.0.1", Duration.ZERO, interval)).isPresent();
    }
}
