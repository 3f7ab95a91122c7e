package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

    /** The known answers published with Philox-4x32-10: all zeros, all ones, the digits of pi. */
    @Test
    void givesThePublishedKnownAnswers() {
        assertThat(CounterRandom.bits(0, 0, 0)).isEqualTo(0xe169c58d_6627e8d5L);
        assertThat(CounterRandom.bits(-1, -1, -1)).isEqualTo(0x41c83b0e_408f276dL);
        assertThat(CounterRandom.bits(0x299f31d0_a4093822L, 0x85a308d3_243f6a88L, 0x03707344_13198a2eL))
                .isEqualTo(0x94fdcceb_d16cfe09L);
    }

    @Test
    void walkingIsReadingOnePositionAfterTheOther() {
        var stream = new CounterRandom(42);
        for (int position = 0; position < 100; position++) {
            assertThat(stream.nextDouble()).isEqualTo(CounterRandom.uniform(42, position));
        }
    }

    /** Frozen: these values stand in recorded runs. */
    @Test
    void keysAreFrozen() {
        var streams = RandomStreams.of(7, "p1");

        assertThat(streams.root()).isEqualTo(0x577a49c9b0b249a3L);
        assertThat(streams.seed(0, 0, 0, 0, Purpose.EXTEND)).isEqualTo(0xa2fefb2de3b16255L);
    }

    @Test
    void everyCoordinateOfTheKeyMatters() {
        var seeds = new HashSet<Long>();
        for (var streams :
                new RandomStreams[] {RandomStreams.of(7, "p1"), RandomStreams.of(8, "p1"), RandomStreams.of(7, "p2")}) {
            for (int chain = 0; chain < 3; chain++) {
                for (int iteration = 0; iteration < 3; iteration++) {
                    for (int round = 0; round < 3; round++) {
                        for (int slot = 0; slot < 3; slot++) {
                            for (var purpose : Purpose.values()) {
                                seeds.add(streams.seed(chain, iteration, round, slot, purpose));
                            }
                        }
                    }
                }
            }
        }

        assertThat(seeds).hasSize(3 * 81 * Purpose.values().length);
    }
}
