package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Sampling;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenLawTest {
    /** Probabilities .1, .4, .2, .3 at temperature 1. */
    private static final float[] LOGITS = {log(.1), log(.4), log(.2), log(.3)};

    private static float log(double probability) {
        return (float) Math.log(probability);
    }

    private static double[] law(float[] logits, Sampling sampling) {
        var law = new TokenLaw(logits.length);
        law.become(logits, sampling);
        return IntStream.range(0, logits.length)
                .mapToDouble(token -> Math.exp(law.logProbability(token)))
                .toArray();
    }

    /** Logits are floats: probabilities are right to about 1e-7. */
    private static void assertLaw(Sampling sampling, double... expected) {
        assertThat(law(LOGITS, sampling)).containsExactly(expected, within(1e-6));
    }

    @Test
    void temperatureRaisesProbabilitiesToItsInverse() {
        assertLaw(Sampling.atTemperature(1), .1, .4, .2, .3);
        assertLaw(Sampling.atTemperature(.5), .01 / .30, .16 / .30, .04 / .30, .09 / .30);
        assertLaw(Sampling.atTemperature(0), 0, 1, 0, 0);
    }

    @Test
    void restrictionsKeepTheLikeliest() {
        assertLaw(new Sampling(1, 2, 1, 0), 0, .4 / .7, 0, .3 / .7);
        assertLaw(new Sampling(1, 0, .65, 0), 0, .4 / .7, 0, .3 / .7);
        assertLaw(new Sampling(1, 0, .71, 0), 0, .4 / .9, .2 / .9, .3 / .9);
        assertLaw(new Sampling(1, 0, 1, .51), 0, .4 / .7, 0, .3 / .7);
        assertLaw(new Sampling(1, 0, 1e-9, 0), 0, 1, 0, 0);
    }

    /** Top-p counts what top-k left: .4 of .7 is more than .55, of 1 it is less. */
    @Test
    void restrictionsFollowOneAnother() {
        assertLaw(new Sampling(1, 2, .55, 0), 0, 1, 0, 0);
        assertLaw(new Sampling(1, 0, .55, 0), 0, .4 / .7, 0, .3 / .7);
    }

    @Test
    void tiesGoToTheLowerToken() {
        var even = new float[] {1, 1, 1, 1};

        assertThat(law(even, Sampling.atTemperature(0))).containsExactly(1, 0, 0, 0);
        assertThat(law(even, new Sampling(1, 2, 1, 0))).containsExactly(.5, .5, 0, 0);
        assertThat(law(even, new Sampling(1, 0, .5, 0))).containsExactly(.5, .5, 0, 0);
    }

    /** Against a plain sort, on laws of 500 tokens with many ties. */
    @Test
    void topKKeepsWhatASortPutsFirst() {
        var random = new CounterRandom(8);
        for (int round = 0; round < 200; round++) {
            var logits = new float[500];
            for (int token = 0; token < logits.length; token++) {
                logits[token] = random.nextInt(50) / 10f;
            }
            int count = 1 + random.nextInt(499);
            var kept = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(token -> -logits[token]))
                    .limit(count)
                    .sorted()
                    .toList();

            double[] law = law(logits, new Sampling(1, count, 1, 0));

            assertThat(IntStream.range(0, logits.length)
                            .filter(token -> law[token] > 0)
                            .boxed()
                            .toList())
                    .isEqualTo(kept);
        }
    }

    @Test
    void aDrawIsTheInverseOfTheCumulativeLaw() {
        var law = new TokenLaw(5);
        law.become(
                new float[] {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY},
                Sampling.atTemperature(1));

        assertThat(law.draw(0)).isEqualTo(1);
        assertThat(law.draw(Math.nextDown(.5))).isEqualTo(1);
        assertThat(law.draw(.5)).isEqualTo(3);
        assertThat(law.draw(Math.nextDown(1.))).isEqualTo(3);
    }

    /**
     * Pearson's statistic over 4 tokens has 3 degrees of freedom; its 1 - 1e-6 quantile is 30.7. The
     * stream is fixed.
     */
    @Test
    void drawsFollowTheLaw() {
        int draws = 200_000;
        var sampling = new Sampling(0.7, 0, 1, 0);
        var law = new TokenLaw(LOGITS.length);
        law.become(LOGITS, sampling);
        var counts = new long[LOGITS.length];
        for (int draw = 0; draw < draws; draw++) {
            counts[law.draw(CounterRandom.uniform(2024, draw))]++;
        }

        double statistic = 0;
        for (int token = 0; token < counts.length; token++) {
            double expected = draws * Math.exp(law.logProbability(token));
            statistic += (counts[token] - expected) * (counts[token] - expected) / expected;
        }
        assertThat(statistic).isLessThan(30.7);
    }

    @Test
    void logitsThatAreNoNumbersAreRefused() {
        var law = new TokenLaw(2);

        assertThatThrownBy(() -> law.become(new float[] {0, Float.NaN}, Sampling.atTemperature(1)))
                .isInstanceOf(EngineException.class)
                .hasMessage("a logit must be a number: was NaN (token 1)");
        assertThatThrownBy(() -> law.become(
                        new float[] {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}, Sampling.atTemperature(1)))
                .hasMessage("a logit must be finite: was -Infinity for every token");
    }
}
