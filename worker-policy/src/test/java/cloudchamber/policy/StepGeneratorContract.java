package cloudchamber.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.ExtendResult.Generated;
import cloudchamber.protocol.wire.ExtendResult.NotExtended;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every policy backend must do. A backend's test extends this and says how to make one; a backend
 * whose numerics class is not exact overrides {@link #deterministic}.
 */
public abstract class StepGeneratorContract {
    /** The step limit of a request unless a law is about another. */
    protected static final int MAX_STEP_TOKENS = 24;

    private static final int MAX_TOKENS = 1000;
    private static final int PARTICLES = 6;
    private static final int MAX_STEPS = 12;
    private static final long PATIENCE_SECONDS = 60;

    private StepGenerator generator;

    /** A new backend; it is closed after each test. */
    protected abstract StepGenerator generator();

    /** A prompt the backend can continue by at least one step. */
    protected abstract Prompt prompt();

    /** What ends a step. */
    protected List<String> stops() {
        return List.of("\n\n");
    }

    /** Whether the same request always gives the same step. */
    protected boolean deterministic() {
        return true;
    }

    /** The text of tokens that follow a prompt; empty where the backend cannot tell. */
    protected abstract Optional<String> text(List<Integer> tokenIds);

    /** A prefix that is longer than the context. */
    protected abstract List<PrefixStep> oversizedPrefix();

    /** A prefix that no request may have; empty where the backend reads whatever it is given. */
    protected abstract Optional<List<PrefixStep>> invalidPrefix();

    @BeforeEach
    final void start() {
        generator = generator();
    }

    @AfterEach
    final void stop() {
        generator.close();
    }

    @Test
    final void modelIsNamedAndHasSlots() {
        var model = generator.model();

        assertThat(model.name()).isNotBlank();
        assertThat(model.sha256()).isNotBlank();
        assertThat(model.slots()).isPositive();
        assertThat(model.contextTokens()).isPositive();
        assertThat(generator.model()).isEqualTo(model);
    }

    @Test
    final void resultCarriesTheKeyAndTheLeaseOfItsRequest() {
        var first = request(1, List.of());
        var second = new ExtendRequest(
                new AttemptKey(first.key().step(), 7),
                Long.MAX_VALUE,
                first.model(),
                first.prompt(),
                first.parent(),
                first.prefix(),
                first.sampling(),
                first.seed(),
                first.stops(),
                first.maxStepTokens(),
                first.maxTokens());

        for (var request : List.of(first, second)) {
            var result = run(request);
            assertThat(result.key()).isEqualTo(request.key());
            assertThat(result.lease()).isEqualTo(request.lease());
        }
    }

    /** A particle grows step by step until it ends; every step is well-formed, and its tokens say its text. */
    @Test
    final void stepsOfAParticleAreWellFormed() {
        for (int particle = 0; particle < PARTICLES; particle++) {
            var prefix = new ArrayList<PrefixStep>();
            for (boolean finished = false; !finished && prefix.size() < MAX_STEPS; ) {
                var result = generated(run(request(1000L * particle + prefix.size(), prefix)));
                var step = result.step();
                assertThat(step.tokenIds()).hasSizeLessThanOrEqualTo(MAX_STEP_TOKENS);
                assertThat(step.logProbability()).isLessThanOrEqualTo(0);
                assertThat(result.usage().completionTokens())
                        .isGreaterThanOrEqualTo(step.tokenIds().size());
                text(step.tokenIds()).ifPresent(text -> assertThat(step.text()).isEqualTo(text));
                prefix.add(new PrefixStep(step.text(), step.tokenIds()));
                finished = step.finishes();
            }
        }
    }

    @Test
    final void sameRequestGivesTheSameStepHoweverOftenAndBesideWhateverElse() {
        assumeTrue(deterministic());
        var requests = IntStream.range(0, PARTICLES)
                .mapToObj(particle -> request(particle, List.of()))
                .toList();
        var alone = requests.stream().map(request -> step(run(request))).toList();

        var together = requests.stream().map(generator::run).toList();
        var reversed = requests.reversed().stream().map(generator::run).toList();

        assertThat(steps(together)).isEqualTo(alone);
        assertThat(steps(reversed)).isEqualTo(alone.reversed());
    }

    @Test
    final void anotherSeedIsAnotherDraw() {
        var steps = IntStream.range(0, 40)
                .mapToObj(seed -> step(run(request(seed, List.of()))).text())
                .distinct();

        assertThat(steps).hasSizeGreaterThan(1);
    }

    @Test
    final void stepLimitIsRespectedAndNamed() {
        for (int seed = 0; seed < PARTICLES; seed++) {
            var step = step(run(request(seed, List.of(), 1, MAX_TOKENS)));

            assertThat(step.tokenIds()).hasSizeLessThanOrEqualTo(1);
            if (step.end() == StepEnd.TRUNCATED) {
                assertThat(step.limit()).isEqualTo(StepLimit.STEP_TOKENS);
                assertThat(step.finishes()).isFalse();
            }
        }
    }

    @Test
    final void particleLimitIsRespectedAndFinishesTheParticle() {
        for (int seed = 0; seed < PARTICLES; seed++) {
            var step = step(run(request(seed, List.of(), MAX_STEP_TOKENS, 1)));

            assertThat(step.tokenIds()).hasSizeLessThanOrEqualTo(1);
            if (step.end() == StepEnd.TRUNCATED) {
                assertThat(step.limit()).isEqualTo(StepLimit.PARTICLE_TOKENS);
                assertThat(step.finishes()).isTrue();
            }
        }
    }

    @Test
    final void withoutStopsAWholeTextIsGenerated() {
        for (int seed = 0; seed < PARTICLES; seed++) {
            var request = request(seed, List.of());
            var step = step(run(new ExtendRequest(
                    request.key(),
                    request.lease(),
                    request.model(),
                    request.prompt(),
                    request.parent(),
                    request.prefix(),
                    request.sampling(),
                    request.seed(),
                    List.of(),
                    MAX_STEP_TOKENS,
                    MAX_STEP_TOKENS)));

            assertThat(step.end()).isIn(StepEnd.END, StepEnd.TRUNCATED);
            assertThat(step.tokenIds()).hasSizeLessThanOrEqualTo(MAX_STEP_TOKENS);
        }
    }

    @Test
    final void prefixThatIsTooLongIsRefusedForGood() {
        assertThat(refused(run(request(1, oversizedPrefix()))).category()).isEqualTo(Category.CONTEXT_OVERFLOW);
        usable();
    }

    @Test
    final void invalidRequestIsRefusedForGood() {
        invalidPrefix().ifPresent(prefix -> {
            var refusal = refused(run(request(1, prefix)));
            assertThat(refusal.category()).isEqualTo(Category.INVALID_REQUEST);
            assertThat(refusal.detail()).isNotBlank();
        });
        usable();
    }

    @Test
    final void cancellingSomeLeavesTheBackendUsable() {
        var expected = deterministic() ? Optional.of(step(run(request(1, List.of())))) : Optional.<Step>empty();
        var futures = IntStream.range(0, 3 * generator.model().slots())
                .limit(64)
                .mapToObj(seed -> generator.run(request(seed, List.of())))
                .toList();

        futures.forEach(future -> future.cancel(false));

        usable();
        expected.ifPresent(step -> assertThat(step(run(request(1, List.of())))).isEqualTo(step));
    }

    @Test
    final void moreRequestsThanSlotsAllEnd() {
        var futures = IntStream.range(0, Math.min(64, 2 * generator.model().slots() + 1))
                .mapToObj(seed -> generator.run(request(seed, List.of())))
                .toList();

        futures.forEach(future -> assertThat(await(future)).isNotNull());
    }

    @Test
    final void closingEndsWhatIsUnderWayAndRefusesWhatComesLater() {
        var underWay = IntStream.range(0, PARTICLES)
                .mapToObj(seed -> generator.run(request(seed, List.of())))
                .toList();

        generator.close();

        underWay.forEach(future -> assertThat(await(future))
                .satisfiesAnyOf(
                        result -> assertThat(result).isInstanceOf(Generated.class),
                        result -> assertThat(refused(result).category()).isEqualTo(Category.STOPPING)));
        assertThat(refused(run(request(1, List.of()))).category()).isEqualTo(Category.STOPPING);
        generator.close();
    }

    private void usable() {
        generated(run(request(1, List.of())));
    }

    // ---- for backends' own laws

    /** A request for the step after {@code prefix}. */
    protected final ExtendRequest request(long seed, List<PrefixStep> prefix) {
        return request(seed, prefix, MAX_STEP_TOKENS, MAX_TOKENS);
    }

    /** A request for the step after {@code prefix}. */
    protected final ExtendRequest request(long seed, List<PrefixStep> prefix, int maxStepTokens, int maxTokens) {
        return new ExtendRequest(
                new AttemptKey(new StepKey("job", "p" + seed, 0, 0, prefix.size(), 0, Purpose.EXTEND), 1),
                seed,
                generator.model().name(),
                prompt(),
                new NodeReference("job", "p" + seed, prefix.size()),
                prefix,
                Sampling.atTemperature(1),
                new RandomStreams(seed).seed(0, 0, prefix.size(), 0, Purpose.EXTEND),
                stops(),
                maxStepTokens,
                maxTokens);
    }

    /** The result of one request, waited for. */
    protected final ExtendResult run(ExtendRequest request) {
        return await(generator.run(request));
    }

    /** The step of a result that must be one. */
    protected static Step step(ExtendResult result) {
        return generated(result).step();
    }

    private static List<Step> steps(List<CompletableFuture<ExtendResult>> futures) {
        return futures.stream().map(future -> step(await(future))).toList();
    }

    private static Generated generated(ExtendResult result) {
        assertThat(result).isInstanceOf(Generated.class);
        return (Generated) result;
    }

    private static Refusal refused(ExtendResult result) {
        assertThat(result).isInstanceOf(NotExtended.class);
        return ((NotExtended) result).refusal();
    }

    private static ExtendResult await(CompletableFuture<ExtendResult> future) {
        return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
}
