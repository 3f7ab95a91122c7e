package cloudchamber.policy.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.StepGeneratorContract;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.Hmm;
import cloudchamber.protocol.model.FiniteLanguage.Move;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SimulatedPolicyTest extends StepGeneratorContract {
    private static final int CONTEXT_TOKENS = 8;
    private static final FiniteLanguage LANGUAGE = new Hmm(
            List.of(.6, .4, 0.0),
            List.of(List.of(.7, .3, 0.0), List.of(.2, .5, .3), List.of(0.0, 0.0, 1.0)),
            List.of(.9, .2, .5),
            5);

    @Override
    protected StepGenerator generator() {
        var model = new ServedModel(
                "simulated", "00", "none", new NumericsClass("simulated", "any", "00", "exact"), 4, CONTEXT_TOKENS);
        return new SimulatedPolicy(model, LANGUAGE, new SimulatedLatency(Duration.ofNanos(100_000), 1));
    }

    @Override
    protected Prompt prompt() {
        return Prompt.question("any");
    }

    @Override
    protected Optional<String> text(List<Integer> tokenIds) {
        return Optional.of(tokenIds.stream().map(String::valueOf).collect(Collectors.joining()));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return Collections.nCopies(CONTEXT_TOKENS, new PrefixStep("0", List.of(0)));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of(new PrefixStep("x", List.of(0))));
    }

    /*
     * Over n draws the share of a move of probability p has the standard error √(p(1 - p)/n); every share is
     * held to five of them, and moves of probability 0 never happen.
     */
    @Test
    void stepsFollowTheLawOfTheLanguage() {
        int draws = 4000;
        for (var prefix : List.of(List.<PrefixStep>of(), List.of(new PrefixStep("1", List.of(1))))) {
            Map<String, Integer> counts = new HashMap<>();
            for (int seed = 0; seed < draws; seed++) {
                var step = step(run(request(seed, prefix)));
                counts.merge(step.text(), 1, Integer::sum);
            }
            for (Move move :
                    LANGUAGE.moves(prefix.stream().map(PrefixStep::text).toList())) {
                double probability = move.probability();
                assertThat(counts.getOrDefault(move.text(), 0) / (double) draws)
                        .as("share of [%s] after %s", move.text(), prefix)
                        .isCloseTo(probability, within(5 * Math.sqrt(probability * (1 - probability) / draws)));
            }
        }
    }

    @Test
    void logProbabilityIsThatOfTheMovesDrawn() {
        var step = step(run(request(3, List.of())));
        var move = LANGUAGE.moves(List.of()).get(step.tokenIds().getFirst());

        assertThat(step.logProbability()).isEqualTo(StrictMath.log(move.probability()));
        assertThat(step.logProbabilityTokens()).isOne();
    }
}
