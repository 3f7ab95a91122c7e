package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LeaseTermsTest {
    @Test
    void aLeaseIsLongerThanThreeRenewals() {
        assertThat(LeaseTerms.of(1500).renewalMillis()).isEqualTo(300);
        assertThatIllegalArgumentException().isThrownBy(() -> new LeaseTerms(900, 300));
        assertThatIllegalArgumentException().isThrownBy(() -> LeaseTerms.of(4));
    }
}
