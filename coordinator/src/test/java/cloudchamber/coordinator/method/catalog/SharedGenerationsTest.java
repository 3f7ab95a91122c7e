package cloudchamber.coordinator.method.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloudchamber.coordinator.method.Driver;
import cloudchamber.coordinator.method.ToyLanguage;
import cloudchamber.coordinator.method.catalog.SharedGenerations.Generation;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedGenerationsTest {
    private final ToyLanguage language = ToyLanguage.tree();

    /** The first n of 16 are what a run of n draws: answer, posterior and weights to the last bit, for twenty seeds. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 7, 16})
    void aLargerRunHoldsTheSmallerOnes(int budget) {
        for (long seed = 0; seed < 20; seed++) {
            var shared = generations(Driver.of(language, new BestOfNSettings(16, Aggregation.LAST))
                    .run(seed));
            for (MethodSettings method : List.of(
                    new BestOfNSettings(budget, Aggregation.LAST),
                    new WeightedBestOfNSettings(budget, Aggregation.LAST),
                    new SelfConsistencySettings(budget))) {
                var own = Driver.of(language, method).run(seed).outcome();
                var served = SharedGenerations.outcome(method, shared, language.answers());

                assertThat(served.answer()).isEqualTo(own.answer());
                assertThat(served.posterior()).isEqualTo(own.posterior());
                assertThat(served.particles()).isEqualTo(own.particles());
            }
        }
    }

    /** What the PRM could not read for a full context has no vote, alone or among others. */
    @Test
    void generationsThatCouldNotBeReadHaveNoVote() {
        for (var method : List.<MethodSettings>of(
                new BestOfNSettings(2, Aggregation.LAST), new WeightedBestOfNSettings(2, Aggregation.LAST))) {
            var mixed = List.of(new Generation("S|", null), new Generation("B|B1|", -5.0));
            assertThat(SharedGenerations.outcome(method, mixed, language.answers())
                            .answer())
                    .isEqualTo("B|B1|");
            var unread = List.of(new Generation("S|", null), new Generation("S|", null));
            assertThat(SharedGenerations.outcome(method, unread, language.answers())
                            .answer())
                    .isNull();
        }
    }

    @Test
    void tooFewOrStepsOfAFilterCannotBeShared() {
        var one = List.of(new Generation("x", 0.0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SharedGenerations.outcome(new SelfConsistencySettings(2), one, language.answers()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SharedGenerations.outcome(
                        ParticleFilterSettings.standard().withParticles(1), one, language.answers()));
    }

    private static List<Generation> generations(Driver.Ended ended) {
        var tree = ended.run().tree();
        return ended.outcome().particles().stream()
                .map(particle -> new Generation(
                        tree.text(particle.node()),
                        tree.node(particle.node()).logOdds().getLast()))
                .toList();
    }
}
