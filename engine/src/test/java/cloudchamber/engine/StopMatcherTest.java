package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    private static int append(StopMatcher matcher, String piece) {
        return matcher.append(piece.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aStopStringMayBeSpreadOverPieces() {
        var matcher = new StopMatcher(List.of("abc"));

        assertThat(append(matcher, "xa")).isEqualTo(-1);
        assertThat(append(matcher, "b")).isEqualTo(-1);
        assertThat(append(matcher, "cd")).isEqualTo(1);
    }

    @Test
    void theStopStringThatEndsFirstCounts() {
        assertThat(append(new StopMatcher(List.of("abcd", "bc")), "abcd")).isEqualTo(3);
    }

    @Test
    void repeatedBeginningsAreNoObstacle() {
        var matcher = new StopMatcher(List.of("aab"));

        assertThat(append(matcher, "aaa")).isEqualTo(-1);
        assertThat(append(matcher, "b")).isEqualTo(1);
    }

    @Test
    void withoutStopStringsNothingStops() {
        var matcher = new StopMatcher(List.of());

        assertThat(append(matcher, "x".repeat(1000))).isEqualTo(-1);
        assertThat(append(matcher, "\n\n")).isEqualTo(-1);
    }
}
