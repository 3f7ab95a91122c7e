package cloudchamber.prm;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.PrefixStore;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrmRequestsTest {
    private static ScoreRequest request(int slot, String step) {
        return new ScoreRequest(
                new AttemptKey(new StepKey("job", "p", 0, 0, 0, slot, Purpose.SCORE), 1),
                slot,
                "prm",
                Prompt.question("?"),
                new NodeReference("job", "p", 10 + slot),
                List.of(new PrefixStep("above", List.of()), new PrefixStep(step, List.of())),
                4,
                null);
    }

    /** The story: with 128 particles 1,382 scores came back for a prefix that their sibling had just brought. */
    @Test
    void siblingsOfAPrefixThatCameWholeAreMadeWhole() {
        var requests = PrmWorker.requests();
        var held = new PrefixStore(1 << 20);
        var first = request(0, "first");
        assertThat(requests.whole(first, held)).contains(first);

        var sibling = request(1, "second");
        var whole = requests.whole(sibling.brief(), held).orElseThrow();

        assertThat(whole.prompt()).isEqualTo(sibling.prompt());
        assertThat(whole.prefix()).isEqualTo(sibling.prefix());
    }

    @Test
    void scoreThatIsNoProbabilityIsRefusedAndItsCostIsKept() {
        var usage = new Usage(3, 0, 0);
        var asked = request(0, "step");
        var result = new ScoreResult.PrefixScored(asked.key(), 0, List.of(1.0, Double.NaN), usage);

        assertThat(PrmWorker.requests().sized(asked, result))
                .isInstanceOfSatisfying(ScoreResult.NotScored.class, refused -> {
                    assertThat(refused.refusal().category()).isEqualTo(Category.BACKEND_INVALID);
                    assertThat(refused.usage()).isEqualTo(usage);
                });
        var certain = new ScoreResult.PrefixScored(asked.key(), 0, List.of(Double.POSITIVE_INFINITY), usage);
        assertThat(PrmWorker.requests().sized(asked, certain)).isEqualTo(certain);
    }
}
