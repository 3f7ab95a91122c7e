package cloudchamber.worker;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.PrefixStore.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrefixStoreTest {
    private static final PrefixStep ONE = new PrefixStep("one", List.of(1));
    private static final PrefixStep TWO = new PrefixStep("two", List.of(2));
    private static final Prefix TOP = new Prefix(Prompt.question("?"), List.of());

    private final PrefixStore store = new PrefixStore(1 << 20);

    private static NodeReference node(int number) {
        return new NodeReference("job", "p1", number);
    }

    private static long digest(PrefixStep... steps) {
        return PrefixStep.digest(List.of(steps));
    }

    @Test
    void whatWasDrawnHangsFromWhatWasTold() {
        store.told(node(0), TOP);
        store.drawn(node(1), node(0), ONE);

        assertThat(store.find(node(1), digest(ONE))).contains(TOP.plus(ONE));
    }

    /** Two workers may draw a step differently; the coordinator took one of them and says which. */
    @Test
    void anotherTextUnderTheSameNodeIsNotWhatIsMeant() {
        store.told(node(0), TOP);
        store.drawn(node(1), node(0), ONE);

        assertThat(store.find(node(1), digest(TWO))).isEmpty();
        assertThat(store.find(node(1), digest(new PrefixStep("one", List.of(2)))))
                .as("the same text, other tokens")
                .isEmpty();
    }

    @Test
    void whatACoordinatorSaysReplacesWhatWasDrawnAndIsNotReplacedByIt() {
        store.told(node(0), TOP);
        store.drawn(node(1), node(0), ONE);
        store.told(node(1), TOP.plus(TWO));
        store.drawn(node(1), node(0), ONE);

        assertThat(store.find(node(1), digest(TWO))).isPresent();
    }

    @Test
    void drawBelowAnUnknownParentIsNotKept() {
        store.drawn(node(1), node(0), ONE);

        assertThat(store.find(node(1), digest(ONE))).isEmpty();
    }

    @Test
    void whatWasNotUsedForLongestMakesRoom() {
        var small = new PrefixStore(3000);
        small.told(node(0), TOP);
        for (int number = 1; number < 100; number++) {
            small.told(node(number), TOP.plus(ONE));
            assertThat(small.find(node(0), digest()))
                    .as("it is used all the time")
                    .isPresent();
        }

        assertThat(small.find(node(1), digest(ONE))).isEmpty();
        assertThat(small.find(node(99), digest(ONE))).isPresent();
    }
}
