package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.StepGeneratorContract;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.ToyModel;
import cloudchamber.worker.remote.ToyServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of policies, through a wire, against a server that serves the toy model. */
abstract class RemotePolicyContract extends StepGeneratorContract {
    private static final int WHOLE_TOKENS = 60;

    private ToyServer server;

    /** A server that behaves. */
    abstract ToyServer server();

    /** The dialect under test. */
    abstract PolicyDialect dialect(RemoteSettings settings);

    @Override
    protected final StepGenerator generator() {
        server = server();
        try {
            var settings = RemoteSettings.at(server.url()).withSlots(8).withPatience(Duration.ofSeconds(20));
            return RemotePolicy.connect("toy-policy", settings, dialect(settings));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @AfterEach
    final void stopServer() {
        server.close();
    }

    /** The server, where it speaks HTTP. */
    final FakeServer fake() {
        return (FakeServer) server;
    }

    /** Whether a particle is continued by its token ids. */
    boolean continuesByTokens() {
        return true;
    }

    /**
     * At temperature 0 a text written step by step is the text written at once. Where a particle is continued by its
     * text, this holds as long as no token reaches beyond the end of a step.
     */
    @Test
    final void stepwiseGreedyIsOneShotGreedy() {
        int steps = 0;
        int compared = 0;
        for (int number = 0; number < 40; number++) {
            var prompt = Prompt.question("What comes after " + number + "?");
            var whole = step(run(greedy(prompt, List.of(), List.of(), WHOLE_TOKENS)));
            if (!continuesByTokens() && (whole.text().contains("\n\n\n") || whole.end() != StepEnd.END)) {
                continue;
            }
            compared++;
            var prefix = new ArrayList<PrefixStep>();
            for (boolean finished = false; !finished; ) {
                var step = step(run(greedy(
                        prompt, prefix, stops(), WHOLE_TOKENS - ids(prefix).size())));
                prefix.add(new PrefixStep(step.text(), step.tokenIds()));
                finished = step.finishes();
            }
            steps += prefix.size();
            assertThat(prefix.stream().map(PrefixStep::text).collect(Collectors.joining()))
                    .isEqualTo(whole.text());
            assertThat(ids(prefix)).isEqualTo(whole.tokenIds());
        }
        assertThat(compared).isGreaterThan(10);
        assertThat(steps).isGreaterThan(compared);
    }

    private static List<Integer> ids(List<PrefixStep> prefix) {
        return prefix.stream().flatMap(step -> step.tokenIds().stream()).toList();
    }

    private ExtendRequest greedy(Prompt prompt, List<PrefixStep> prefix, List<String> stops, int maxTokens) {
        var like = request(1, prefix);
        return new ExtendRequest(
                like.key(),
                like.lease(),
                like.model(),
                prompt,
                like.parent(),
                prefix,
                Sampling.atTemperature(0),
                like.seed(),
                stops,
                WHOLE_TOKENS,
                maxTokens);
    }

    @Override
    protected final Prompt prompt() {
        return Prompt.question("What comes next?");
    }

    @Override
    protected Optional<String> text(List<Integer> tokenIds) {
        return tokenIds.isEmpty() ? Optional.empty() : Optional.of(ToyModel.text(tokenIds));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return List.of(new PrefixStep("a".repeat(3000), Collections.nCopies(3000, (int) 'a')));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of(new PrefixStep("?", List.of(60000))));
    }
}
