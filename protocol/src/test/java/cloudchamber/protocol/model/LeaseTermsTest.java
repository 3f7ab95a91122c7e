package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseTermsTest {
    @Test
    void aLeaseIsLongerThanThreeRenewals() {
        var terms = LeaseTerms.of(Duration.ofMillis(1500));

        assertThat(terms.renewal()).isEqualTo(Duration.ofMillis(300));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LeaseTerms(Duration.ofMillis(900), Duration.ofMillis(300)));
        assertThatIllegalArgumentException().isThrownBy(() -> LeaseTerms.of(Duration.ZERO));
    }
}
