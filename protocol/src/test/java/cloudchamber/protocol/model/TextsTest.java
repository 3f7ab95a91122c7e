package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextsTest {
    @Test
    void whatCannotBeHeldIsCountedAndReplaced() {
        var high = "\ud83d";
        var low = "\ude00";
        var whole = high + low;
        var mixed = high + " " + low + whole + "\0" + high;

        assertThat(Texts.countUnstorable(mixed)).isEqualTo(4);
        assertThat(Texts.storable(mixed)).isEqualTo("\ufffd \ufffd" + whole + "\ufffd\ufffd");
        assertThat(Texts.isStorable(Texts.storable(mixed))).isTrue();
        assertThat(new String(Texts.storable(mixed).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(Texts.storable(mixed));
    }

    @Test
    void allOtherTextStaysTheSameObject() {
        var text = "a\n\t\u0001 \ud83d\ude00 \uffff";

        assertThat(Texts.storable(text)).isSameAs(text);
    }
}
