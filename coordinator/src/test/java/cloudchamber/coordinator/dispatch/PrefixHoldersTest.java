package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a worker has to read is what lies below the deepest node it holds. */
class PrefixHoldersTest {
    private static final int TOKENS_A_STEP = 40;

    private final PrefixHolders holders = new PrefixHolders();

    /** A chain from the prompt: node 1 below 0, 2 below 1, … */
    private void learnAChain(int depth) {
        for (int parent = 0; parent < depth; parent++) {
            holders.learn(below(parent, parent + 1, parent));
        }
    }

    private static Work.Extension below(int parent, int node, int depth) {
        var plain = Works.extension("p", node);
        var steps = Collections.nCopies(
                depth,
                new PrefixStep("x", IntStream.range(0, TOKENS_A_STEP).boxed().toList()));
        return new Work.Extension(
                plain.key(),
                plain.model(),
                plain.prompt(),
                new NodeReference("job", "p", node),
                new NodeReference("job", "p", parent),
                List.copyOf(steps),
                plain.sampling(),
                plain.seed(),
                plain.stops(),
                plain.maxStepTokens(),
                plain.maxTokens());
    }

    @Test
    void holderOfTheNodeReadsNothingAndOneOfAnAncestorWhatIsBetween() {
        learnAChain(5);
        holders.hold("near", 3);
        holders.hold("far", 1);
        holders.hold("all", 4);

        assertThat(holders.tokensToRead("all", 4)).isZero();
        assertThat(holders.tokensToRead("near", 4)).isEqualTo(TOKENS_A_STEP);
        assertThat(holders.tokensToRead("far", 4)).isEqualTo(3 * TOKENS_A_STEP);
        assertThat(holders.tokensToRead("none", 4)).isEqualTo(4 * TOKENS_A_STEP);
        assertThat(holders.tokensToRead(4, worker -> !worker.equals("all"))).isEqualTo(TOKENS_A_STEP);
    }

    @Test
    void siblingIsNearToAWorkerThatHoldsTheOther() {
        learnAChain(3);
        holders.learn(below(2, 30, 2));
        holders.learn(below(30, 31, 3));
        holders.hold("one", 2);
        holders.hold("one", 3);

        assertThat(holders.tokensToRead("one", 30)).isEqualTo(TOKENS_A_STEP);
    }

    @Test
    void workerThatForgotOrIsGoneHoldsNothing() {
        learnAChain(3);
        holders.hold("one", 1);
        holders.hold("one", 2);

        holders.forget("one", 2);
        assertThat(holders.holds("one", 2)).isFalse();
        assertThat(holders.tokensToRead("one", 2)).isEqualTo(TOKENS_A_STEP);
        holders.forget("one");
        assertThat(holders.tokensToRead("one", 2)).isEqualTo(2 * TOKENS_A_STEP);
    }

    @Test
    void nodeOfWhichNothingIsKnownFavoursNobody() {
        assertThat(holders.tokensToRead("one", 7)).isZero();
        assertThat(holders.holds("one", 7)).isFalse();
    }

    /** Even a prefix without tokens is better held than not: its text need not travel. */
    @Test
    void onlyAHolderReadsNothing() {
        holders.learn(below(0, 1, 0));

        assertThat(holders.tokensToRead("one", 0)).isOne();
        holders.hold("one", 0);
        assertThat(holders.tokensToRead("one", 0)).isZero();
    }
}
