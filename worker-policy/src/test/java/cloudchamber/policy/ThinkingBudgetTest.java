package cloudchamber.policy;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.remote.ToyModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ThinkingBudgetTest {
    private static final String TEXT = "<think>\none two three four five\n</think>\n\nIt is 4.\n\n\\boxed{4}";

    @Test
    void aThoughtIsClosedWhereItsTokensAreSpent() {
        var step = step(TEXT, request(List.of(), List.of("\n\n"), 12));

        assertThat(step.text()).isEqualTo("<think>\none \n</think>\n\n");
        assertThat(step.end()).isEqualTo(StepEnd.STEP);
        assertThat(step.tokenIds()).isEqualTo(ToyModel.tokens(step.text()));
        assertThat(Thoughts.open(step.text())).isFalse();
    }

    /** Every step of a particle gets what is left; nothing left closes it without a call. */
    @Test
    void nothingLeftClosesAThoughtThatIsOpen() {
        var open = List.of(new PrefixStep("<think>\none", ToyModel.tokens("<think>\none")));
        var step = step(TEXT, request(open, List.of("\n\n"), 0));

        assertThat(step.text()).isEqualTo("\n</think>\n\n");
        assertThat(step.tokenIds()).isEqualTo(ToyModel.tokens(step.text()));
    }

    /** A whole generation goes on behind the thought that was closed: the script does, from its beginning. */
    @Test
    void aWholeGenerationGoesOnBehindAThoughtThatWasClosed() {
        var step = step(TEXT, request(List.of(), List.of(), 12));

        assertThat(step.text()).isEqualTo("<think>\none \n</think>\n\n" + TEXT);
        assertThat(step.tokenIds()).isEqualTo(ToyModel.tokens(step.text()));
        assertThat(step.end()).isEqualTo(StepEnd.END);
    }

    @Test
    void aThoughtWithinItsTokensIsLeftAlone() {
        for (var stops : List.of(List.of("\n\n"), List.<String>of())) {
            var free = step(TEXT, request(List.of(), stops, null));

            assertThat(step(TEXT, request(List.of(), stops, 1000))).isEqualTo(free);
        }
        var closed = List.of(new PrefixStep("<think>\na\n</think>\n\nIt is", List.of()));
        assertThat(step("Then 4.", request(closed, List.of("\n\n"), 2)).text()).isEqualTo("Then 4.");
    }

    /** Who does not think has all the tokens: a text is not cut at the tokens of thoughts. */
    @Test
    void aTextWithoutThoughtsGoesOn() {
        var step = step("It is 4, as we have seen.", request(List.of(), List.of(), 5));

        assertThat(step.text()).isEqualTo("It is 4, as we have seen.");
        assertThat(step.end()).isEqualTo(StepEnd.END);
    }

    @Test
    void cancellingCancelsTheCallUnderWay() {
        var held = new CompletableFuture<ExtendResult>();
        var budget = new ThinkingBudget(new StepGenerator() {
            @Override
            public ServedModel model() {
                return new ScriptedGenerator("").model();
            }

            @Override
            public CompletableFuture<ExtendResult> run(ExtendRequest request) {
                return held;
            }

            @Override
            public void close() {}
        });

        budget.run(request(List.of(), List.of(), 5)).cancel(false);

        assertThat(held).isCancelled();
    }

    private static Step step(String text, ExtendRequest request) {
        var result =
                new ThinkingBudget(new ScriptedGenerator(text)).run(request).join();
        assertThat(result).isInstanceOf(ExtendResult.Generated.class);
        return ((ExtendResult.Generated) result).step();
    }

    private static ExtendRequest request(List<PrefixStep> prefix, List<String> stops, Integer maxThinkingTokens) {
        return new ExtendRequest(
                new AttemptKey(new StepKey("job", "p", 0, 0, prefix.size(), 0, Purpose.EXTEND), 1),
                1,
                "scripted",
                Prompt.question("What is 2 + 2?"),
                new NodeReference("job", "p", prefix.size()),
                prefix,
                Sampling.atTemperature(1),
                7,
                stops,
                512,
                4096,
                1,
                maxThinkingTokens,
                null);
    }
}
