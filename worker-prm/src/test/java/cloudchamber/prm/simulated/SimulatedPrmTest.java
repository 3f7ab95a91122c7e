package cloudchamber.prm.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prm.StepScorer;
import cloudchamber.prm.StepScorerContract;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.Tree;
import cloudchamber.protocol.model.FiniteLanguage.TreeNode;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SimulatedPrmTest extends StepScorerContract {
    private static final int CONTEXT_TOKENS = 8;
    private static final FiniteLanguage LANGUAGE = new Tree(List.of(
            new TreeNode("A", null, .5, .6, false),
            new TreeNode("B", null, .3, 0, true),
            new TreeNode("C", null, .2, 1, true),
            new TreeNode("A1", "A", 1, .25, true)));

    @Override
    protected StepScorer scorer() {
        var model = new ServedModel(
                "simulated", "00", "none", new NumericsClass("simulated", "any", "00", "exact"), 4, CONTEXT_TOKENS);
        return new SimulatedPrm(model, LANGUAGE, new SimulatedLatency(Duration.ofNanos(100_000), 1));
    }

    @Override
    protected Prompt prompt() {
        return Prompt.question("any");
    }

    @Override
    protected List<List<PrefixStep>> prefixes() {
        return List.of(prefix("A"), prefix("A", ".A1"), prefix("B"));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return Collections.nCopies(CONTEXT_TOKENS + 1, new PrefixStep("A", List.of(0)));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(prefix("A", ".B"));
    }

    @Test
    void scoreIsTheLogOddsOfTheReward() {
        assertThat(logOdds(run(request(1, prefix("A"))))).containsExactly(StrictMath.log(.6) - StrictMath.log1p(-.6));
        assertThat(logOdds(run(request(1, prefix("A", ".A1")))))
                .containsExactly(StrictMath.log(.25) - StrictMath.log1p(-.25));
        assertThat(logOdds(run(request(1, prefix("B"))))).containsExactly(Double.NEGATIVE_INFINITY);
        assertThat(logOdds(run(request(1, prefix("C"))))).containsExactly(Double.POSITIVE_INFINITY);
    }

    private static List<PrefixStep> prefix(String... texts) {
        return Arrays.stream(texts).map(text -> new PrefixStep(text, List.of())).toList();
    }
}
