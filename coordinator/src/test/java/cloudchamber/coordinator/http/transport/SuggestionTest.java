package cloudchamber.coordinator.http.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> NAMES = List.of("id", "particles", "target", "resampling", "selection");

    @ParameterizedTest
    @CsvSource({
        "partciles, particles",
        "particels, particles",
        "particle, particles",
        "Particles, particles",
        "n_particles, particles",
        "tagret, target",
        "resampler, resampling",
        "Id, id"
    })
    void namesTheNearestName(String written, String meant) {
        assertThat(Suggestion.nearest(written, NAMES)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"temperature", "x", "prm", "budget"})
    void staysSilentWhereNothingIsNear(String written) {
        assertThat(Suggestion.nearest(written, NAMES)).isEmpty();
    }

    @Test
    void doesNotCompareWhatNobodyTyped() {
        assertThat(Suggestion.nearest("particles".repeat(10_000), NAMES)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', '', 0", "abc, '', 3", "abc, abc, 0", "abc, acb, 1", "kitten, sitting, 3", "ca, abc, 3"})
    void distanceCountsEditsAndSwaps(String one, String other, int expected) {
        assertThat(Suggestion.distance(one, other)).isEqualTo(expected);
        assertThat(Suggestion.distance(other, one)).isEqualTo(expected);
    }
}
