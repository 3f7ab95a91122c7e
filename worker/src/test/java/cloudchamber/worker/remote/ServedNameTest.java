package cloudchamber.worker.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.protocol.model.Refusal.Category;
import org.junit.jupiter.api.Test;

class ServedNameTest {
    @Test
    void theFirstNameIsRememberedAndALaterOtherOneRefused() {
        var name = new ServedName(false);
        name.check("asked", "");
        assertThat(name.get()).isEmpty();
        name.check("asked", "first");
        name.check("asked", "first");
        name.check("asked", "");

        assertThat(name.get()).contains("first");
        assertThatThrownBy(() -> name.check("asked", "other")).isInstanceOfSatisfying(RemoteTrouble.class, trouble -> {
            assertThat(trouble.refusal().category()).isEqualTo(Category.MODEL_UNKNOWN);
            assertThat(trouble.refusal().detail()).contains("[first]").contains("[other]");
        });
    }

    @Test
    void aStrictOneRefusesAFirstNameThatWasNotAskedFor() {
        var name = new ServedName(true);

        assertThatThrownBy(() -> name.check("asked", "first")).isInstanceOf(RemoteTrouble.class);
        assertThat(name.get()).isEmpty();
        name.check("asked", "asked");
        assertThat(name.get()).contains("asked");
    }
}
