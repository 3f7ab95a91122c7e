package cloudchamber.prm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.ScoreResult.NotScored;
import cloudchamber.protocol.wire.ScoreResult.PrefixScored;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every PRM backend must do. A backend's test extends this and says how to make one; a backend
 * whose numerics class is not exact overrides {@link #deterministic}.
 */
public abstract class StepScorerContract {
    private static final int REPEATS = 5;
    private static final long PATIENCE_SECONDS = 60;

    private StepScorer scorer;

    /** A new backend; it is closed after each test. */
    protected abstract StepScorer scorer();

    /** What the prefixes answer. */
    protected abstract Prompt prompt();

    /** At least two prefixes that can be scored, of different lengths and with different scores. */
    protected abstract List<List<PrefixStep>> prefixes();

    /** Whether the same prefix always has the same score. */
    protected boolean deterministic() {
        return true;
    }

    /** A prefix that is longer than the context. */
    protected abstract List<PrefixStep> oversizedPrefix();

    /** A prefix that no request may have; empty where the backend reads whatever it is given. */
    protected abstract Optional<List<PrefixStep>> invalidPrefix();

    @BeforeEach
    final void start() {
        scorer = scorer();
    }

    @AfterEach
    final void stop() {
        scorer.close();
    }

    @Test
    final void modelIsNamedAndHasSlots() {
        var model = scorer.model();

        assertThat(model.name()).isNotBlank();
        assertThat(model.sha256()).isNotBlank();
        assertThat(model.slots()).isPositive();
        assertThat(model.contextTokens()).isPositive();
        assertThat(scorer.model()).isEqualTo(model);
    }

    @Test
    final void resultCarriesTheKeyAndTheLeaseOfItsRequest() {
        var first = request(1, prefixes().getFirst());
        var second = new ScoreRequest(
                new AttemptKey(first.key().step(), 7),
                Long.MAX_VALUE,
                first.model(),
                first.prompt(),
                first.node(),
                first.prefix());

        for (var request : List.of(first, second)) {
            var result = run(request);
            assertThat(result.key()).isEqualTo(request.key());
            assertThat(result.lease()).isEqualTo(request.lease());
        }
    }

    @Test
    final void scoreIsOneNumberOrOneAStepAndNeverNaN() {
        for (var prefix : prefixes()) {
            var logOdds = logOdds(run(request(1, prefix)));

            assertThat(logOdds.size()).isIn(1, prefix.size());
            assertThat(logOdds).noneMatch(score -> score.isNaN());
        }
    }

    @Test
    final void differentPrefixesHaveDifferentScores() {
        var scores = prefixes().stream().map(prefix -> logOdds(run(request(1, prefix))));

        assertThat(scores.distinct()).hasSizeGreaterThan(1);
    }

    @Test
    final void samePrefixHasTheSameScoreHoweverOftenAndBesideWhateverElse() {
        assumeTrue(deterministic());
        var alone = prefixes().stream()
                .map(prefix -> logOdds(run(request(1, prefix))))
                .toList();

        for (int repeat = 0; repeat < REPEATS; repeat++) {
            int lease = repeat;
            var together = prefixes().stream()
                    .map(prefix -> scorer.run(request(lease, prefix)))
                    .toList();
            var reversed = prefixes().reversed().stream()
                    .map(prefix -> scorer.run(request(lease, prefix)))
                    .toList();

            assertThat(together.stream().map(future -> logOdds(await(future)))).containsExactlyElementsOf(alone);
            assertThat(reversed.stream().map(future -> logOdds(await(future))))
                    .containsExactlyElementsOf(alone.reversed());
        }
    }

    @Test
    final void prefixThatIsTooLongIsRefusedForGood() {
        assertThat(refused(run(request(1, oversizedPrefix()))).category()).isEqualTo(Category.CONTEXT_OVERFLOW);
        usable();
    }

    @Test
    final void emptyPrefixIsRefusedForGood() {
        assertThat(refused(run(request(1, List.of()))).category()).isEqualTo(Category.INVALID_REQUEST);
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
        var futures = IntStream.range(0, 3 * scorer.model().slots())
                .limit(64)
                .mapToObj(lease -> scorer.run(request(lease, prefixes().getLast())))
                .toList();

        futures.forEach(future -> future.cancel(false));

        usable();
    }

    @Test
    final void moreRequestsThanSlotsAllEnd() {
        var futures = IntStream.range(0, Math.min(64, 2 * scorer.model().slots() + 1))
                .mapToObj(lease -> scorer.run(request(lease, prefixes().getFirst())))
                .toList();

        futures.forEach(future -> assertThat(await(future)).isNotNull());
    }

    @Test
    final void closingEndsWhatIsUnderWayAndRefusesWhatComesLater() {
        var underWay = prefixes().stream()
                .map(prefix -> scorer.run(request(1, prefix)))
                .toList();

        scorer.close();

        underWay.forEach(future -> assertThat(await(future))
                .satisfiesAnyOf(
                        result -> assertThat(result).isInstanceOf(PrefixScored.class),
                        result -> assertThat(refused(result).category()).isEqualTo(Category.STOPPING)));
        assertThat(refused(run(request(1, prefixes().getFirst()))).category()).isEqualTo(Category.STOPPING);
        scorer.close();
    }

    private void usable() {
        logOdds(run(request(1, prefixes().getFirst())));
    }

    // ---- for backends' own laws

    /** A request for the score of {@code prefix}. */
    protected final ScoreRequest request(long lease, List<PrefixStep> prefix) {
        return new ScoreRequest(
                new AttemptKey(new StepKey("job", "p1", 0, 0, prefix.size(), 0, Purpose.SCORE), 1),
                lease,
                scorer.model().name(),
                prompt(),
                new NodeReference("job", "p1", prefix.size()),
                prefix);
    }

    /** The result of one request, waited for. */
    protected final ScoreResult run(ScoreRequest request) {
        return await(scorer.run(request));
    }

    /** The scores of a result that must have some. */
    protected static List<Double> logOdds(ScoreResult result) {
        assertThat(result).isInstanceOf(PrefixScored.class);
        return ((PrefixScored) result).logOdds();
    }

    private static Refusal refused(ScoreResult result) {
        assertThat(result).isInstanceOf(NotScored.class);
        return ((NotScored) result).refusal();
    }

    private static ScoreResult await(CompletableFuture<ScoreResult> future) {
        return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
}
