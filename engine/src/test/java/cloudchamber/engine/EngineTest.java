package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.engine.Generation.End;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Sampling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestLibrary.class)
class EngineTest {
    private static final Sampling LAW = Sampling.atTemperature(0.8);

    private final Model model;
    private final Tokenizer tokenizer;
    private final int good;
    private final int bad;
    private final Tokens question;
    private Engine engine;

    EngineTest(TestLibrary library) {
        model = Models.tiny(library);
        tokenizer = model.tokenizer();
        good = tokenizer.token(RandomLlama.GOOD).orElseThrow();
        bad = tokenizer.token(RandomLlama.BAD).orElseThrow();
        question = Tokens.of(1).plus(tokenizer.encode("Evaluate 17 + 26 - 9.\n\n"));
    }

    private Engine start(EngineSettings settings) {
        engine = Engine.start(model, settings);
        return engine;
    }

    @AfterEach
    void closeEngine() {
        if (engine != null) {
            engine.close();
        }
    }

    private static GenerateRequest continuing(Tokens prefix, long seed, int maxTokens) {
        return new GenerateRequest(prefix, LAW, seed, List.of(), maxTokens);
    }

    /** A text of pseudo-random tokens that end nothing. */
    private Tokens text(long key, int size) {
        var random = new CounterRandom(key);
        return Tokens.of(IntStream.generate(() -> 3 + random.nextInt(tokenizer.vocabularySize() - 3))
                .limit(size)
                .toArray());
    }

    private static <T> List<T> all(List<CompletableFuture<T>> futures) {
        return futures.stream().map(CompletableFuture::join).toList();
    }

    private List<Generation> children(Tokens prefix, int count, int maxTokens) {
        return all(LongStream.range(0, count)
                .mapToObj(seed -> engine.generate(continuing(prefix, seed, maxTokens)))
                .toList());
    }

    // ---- exactness

    @Test
    void aRequestRepeatedGivesTheSameTokens() {
        start(EngineSettings.DEFAULT);

        var first = engine.generate(continuing(question, 7, 60)).join();
        var again = engine.generate(continuing(question, 7, 60)).join();

        assertThat(again.tokens()).isEqualTo(first.tokens());
        assertThat(again.logProbability()).isEqualTo(first.logProbability());
        assertThat(first.promptTokens()).isEqualTo(question.size());
        assertThat(again.promptTokens()).isZero();
        assertThat(again.cachedTokens()).isEqualTo(question.size());
    }

    /** One draw after another, each a request of its own, against all in one go. */
    @Test
    void aTextContinuedInStepsIsTheTextContinuedAtOnce() {
        start(EngineSettings.DEFAULT);
        var greedy = Sampling.atTemperature(0);
        var whole = engine.generate(new GenerateRequest(question, greedy, 0, List.of(), 50))
                .join();

        var text = question;
        for (int step = 0; step < whole.tokens().size(); step++) {
            text = text.plus(engine.generate(new GenerateRequest(text, greedy, 0, List.of(), 1))
                    .join()
                    .tokens());
        }

        assertThat(text).isEqualTo(question.plus(whole.tokens()));
    }

    @Test
    void chunksForksAndEvictionsChangeNoBit() {
        var texts = LongStream.range(0, 12)
                .mapToObj(key -> text(1, 100).plus(text(key, 50)))
                .toList();
        start(EngineSettings.DEFAULT.withBatchTokens(512));
        var reference = logOdds(texts);
        var roomy = engine.statistics();
        engine.close();
        assertThat(roomy.evictions()).isZero();
        assertThat(roomy.decodedTokens()).isLessThanOrEqualTo(100 + 12 * 50);

        for (int batchTokens : new int[] {64, 100, 512}) {
            start(EngineSettings.DEFAULT
                    .withSequences(5, 4)
                    .withBatchTokens(batchTokens)
                    .withCells(512));
            for (int turn = 0; turn < 3; turn++) {
                assertThat(logOdds(texts))
                        .as("batches of %d, turn %d", batchTokens, turn)
                        .isEqualTo(reference);
            }
            assertThat(engine.statistics().evictions()).isPositive();
            assertThat(engine.statistics().compactions()).isPositive();
            engine.close();
        }
    }

    private List<Double> logOdds(List<Tokens> texts) {
        return all(texts.stream()
                        .map(text -> engine.score(ScoreRequest.atEnd(text, Tokens.NONE, good, bad)))
                        .toList())
                .stream()
                .map(score -> score.logOdds().getFirst())
                .toList();
    }

    /** Sixteen texts of 200 tokens in 1024 cells: most are put back again and again. */
    @Test
    void puttingBackForRoomChangesNoDraw() {
        start(EngineSettings.DEFAULT);
        var roomy = children(question, 16, 200);
        engine.close();

        start(EngineSettings.DEFAULT.withCells(1024));
        var tight = children(question, 16, 200);

        assertThat(engine.statistics().preemptions()).isPositive();
        assertThat(tight)
                .extracting(Generation::tokens)
                .isEqualTo(roomy.stream().map(Generation::tokens).toList());
        assertThat(tight)
                .extracting(Generation::promptTokens)
                .isEqualTo(roomy.stream().map(Generation::promptTokens).toList());
    }

    /** An idle text is dropped when others have decoded enough, and its cells are used again. */
    @Test
    void idleTextsAreDropped() {
        start(EngineSettings.DEFAULT.withIdleTokens(200));
        for (long key = 0; key < 40; key++) {
            engine.score(ScoreRequest.atEnd(text(key, 100), Tokens.NONE, good, bad))
                    .join();
        }

        assertThat(engine.statistics().evictions()).isPositive();
        assertThat(engine.statistics().compactions()).isPositive();
        assertThat(engine.statistics().usedCells()).isLessThan(2000);
    }

    /** Each of eight problems stays in one context with its children; the contexts share the problems. */
    @Test
    void aTextStaysInItsContext() {
        start(EngineSettings.DEFAULT.withContexts(4));
        for (long key = 0; key < 8; key++) {
            children(text(key, 50), 16, 1);
            children(text(key, 50).plus(text(100 + key, 5)), 16, 1);
        }

        assertThat(engine.statistics().decodedTokens()).isLessThanOrEqualTo(8 * 55);
        assertThat(engine.statistics().repeatedTokens()).isZero();
    }

    /** One population on 1, 2 and 8 workers that share it out, in little room, beside another job. */
    @Test
    void theNumberOfWorkersChangesNoText() {
        var texts = population(1);

        assertThat(population(2)).isEqualTo(texts);
        assertThat(population(8)).isEqualTo(texts);
    }

    private List<Tokens> population(int workers) {
        var settings = EngineSettings.DEFAULT.withCells(512).withSequences(3, 2);
        var engines = Stream.generate(() -> Engine.start(model, settings))
                .limit(workers)
                .toList();
        try {
            var population = Collections.nCopies(8, question);
            for (int round = 0; round < 4; round++) {
                var steps = new ArrayList<CompletableFuture<Generation>>();
                var others = new ArrayList<CompletableFuture<Generation>>();
                for (int slot = 0; slot < 8; slot++) {
                    var worker = engines.get((3 * slot + round) % workers);
                    others.add(worker.generate(continuing(text(50L * round + slot, 90), slot, 9)));
                    steps.add(worker.generate(continuing(population.get(slot), 100L * round + slot, 12)));
                }
                var children = new ArrayList<Tokens>();
                for (int slot = 0; slot < 8; slot++) {
                    children.add(
                            population.get(slot).plus(steps.get(slot).join().tokens()));
                }
                others.forEach(CompletableFuture::join);
                // Half of them have two children each.
                population = IntStream.range(0, 8)
                        .mapToObj(slot -> children.get(slot / 2))
                        .toList();
            }
            assertThat(engines.stream()
                            .mapToLong(one -> one.statistics().evictions())
                            .sum())
                    .isPositive();
            return population;
        } finally {
            engines.forEach(Engine::close);
        }
    }

    // ---- every token is read once

    @Test
    void childrenOfOneTextReadItOnce() {
        start(EngineSettings.DEFAULT);

        var children = children(question, 16, 1);

        assertThat(engine.statistics().decodedTokens()).isEqualTo(question.size());
        assertThat(children.stream().mapToInt(Generation::promptTokens).sum()).isEqualTo(question.size());
    }

    /** A text that was scored is held whole, and so are the logits at its end. */
    @Test
    void childrenOfAScoredTextReadNothing() {
        start(EngineSettings.DEFAULT);
        engine.score(ScoreRequest.atEnd(question, Tokens.NONE, good, bad)).join();

        children(question, 16, 1);

        assertThat(engine.statistics().decodedTokens()).isEqualTo(question.size());
    }

    /** Particles that wrote the same are judged by one reading, the question about them included. */
    @Test
    void theSameTextIsScoredByOneReading() {
        start(EngineSettings.DEFAULT);
        var suffix = tokenizer.encode("Right?");
        var request = ScoreRequest.atEnd(question, suffix, good, bad);

        var scores = all(Stream.generate(() -> engine.score(request)).limit(16).toList());

        assertThat(engine.statistics().decodedTokens()).isEqualTo(question.size() + suffix.size());
        assertThat(scores)
                .extracting(Score::logOdds)
                .containsOnly(scores.getFirst().logOdds());
    }

    /** Four rounds of sixteen particles: a step's tokens are read once, by the first child that comes. */
    @Test
    void aPopulationReadsEveryTokenOnce() {
        start(EngineSettings.DEFAULT);
        var population = List.of(question);
        int distinct = question.size();
        for (int round = 0; round < 4; round++) {
            var parents = population;
            var survivors = new ArrayList<Tokens>();
            var steps = new ArrayList<CompletableFuture<Generation>>();
            for (int slot = 0; slot < 16; slot++) {
                steps.add(engine.generate(continuing(parents.get(slot % parents.size()), 100 * round + slot, 10)));
            }
            for (int slot = 0; slot < 16; slot++) {
                var step = steps.get(slot).join();
                distinct += step.tokens().size();
                if (step.end() == End.MAX_TOKENS) {
                    survivors.add(parents.get(slot % parents.size()).plus(step.tokens()));
                }
            }
            population = survivors.subList(0, survivors.size() / 2);
        }

        var counts = engine.statistics();
        assertThat(counts.decodedTokens()).isLessThanOrEqualTo(distinct);
        assertThat(counts.repeatedTokens()).isZero();
        assertThat(counts.libraryTokens()).isEqualTo(counts.decodedTokens() + counts.paddingTokens());
    }

    @Test
    void aSuffixIsForgottenAndThePrefixKept() {
        start(EngineSettings.DEFAULT);
        var suffix = tokenizer.encode("Right?");
        var first =
                engine.score(ScoreRequest.atEnd(question, suffix, good, bad)).join();

        var longer = engine.score(ScoreRequest.atEnd(question.plus(text(3, 5)), suffix, good, bad))
                .join();

        assertThat(first.promptTokens()).isEqualTo(question.size() + suffix.size());
        assertThat(longer.cachedTokens()).isEqualTo(question.size());
        assertThat(longer.promptTokens()).isEqualTo(5 + suffix.size());
    }

    @Test
    void aPrefixNotKeptIsReadAgain() {
        start(EngineSettings.DEFAULT);
        var request = new ScoreRequest(question, Tokens.NONE, good, bad, List.of(question.size() - 1), false);
        engine.score(request).join();

        assertThat(engine.score(request).join().promptTokens()).isEqualTo(question.size());
    }

    // ---- scores and likelihoods

    @Test
    void severalPositionsAreScoredAtOnceAsOneByOne() {
        start(EngineSettings.DEFAULT);
        var text = question.plus(text(5, 60));
        var positions = List.of(3, 40, 41, text.size() - 1);

        var together = engine.score(new ScoreRequest(text, Tokens.NONE, good, bad, positions, true))
                .join()
                .logOdds();

        assertThat(together)
                .isEqualTo(positions.stream()
                        .map(position -> engine.score(
                                        ScoreRequest.atEnd(text.first(position + 1), Tokens.NONE, good, bad))
                                .join()
                                .logOdds()
                                .getFirst())
                        .toList());
        assertThat(together).doesNotHaveDuplicates();
    }

    @Test
    void theLikelihoodOfADrawnTextIsTheSumOfItsDraws() {
        start(EngineSettings.DEFAULT);
        var law = new Sampling(0.9, 40, 0.95, 0.01);
        var drawn = engine.generate(new GenerateRequest(question, law, 3, List.of(), 30))
                .join();

        var likelihood = engine.likelihood(new LikelihoodRequest(question, drawn.tokens(), law))
                .join();

        assertThat(drawn.end()).isEqualTo(End.MAX_TOKENS);
        assertThat(likelihood.logProbabilities().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isCloseTo(drawn.logProbability(), within(1e-9));
    }

    // ---- agreement with what something else wrote

    @Test
    void theEngineAgreesWithItself() {
        start(EngineSettings.DEFAULT);
        var greedy = greedy(question, 40);

        var agreement = Agreement.of(engine, question, greedy);

        assertThat(agreement.tokens()).isEqualTo(40);
        assertThat(agreement.share()).isEqualTo(1);
        assertThat(agreement.largest()).isZero();
        assertThat(Agreement.of(engine, question, Tokens.NONE)).isEqualTo(Agreement.NONE);
    }

    /** Each token is judged after what was really written: one that is foreign is one, whatever follows it. */
    @Test
    void aForeignTokenIsCountedOnceAndByHowMuchItFallsShort() {
        start(EngineSettings.DEFAULT);
        var before = greedy(question, 10);
        int own = greedy(question.plus(before), 1).at(0);
        int foreign = own == good ? bad : good;
        var written = before.plus(Tokens.of(foreign));
        written = written.plus(greedy(question.plus(written), 10));

        var agreement = Agreement.of(engine, question, written);

        double expected = engine.score(ScoreRequest.atEnd(question.plus(before), Tokens.NONE, own, foreign))
                .join()
                .logOdds()
                .getFirst();
        assertThat(agreement.shortfalls().get(10)).isEqualTo(expected).isPositive();
        assertThat(agreement.within(0)).isEqualTo(20);
        assertThat(agreement.within(expected)).isEqualTo(21);
        assertThat(agreement.largest()).isEqualTo(expected);
    }

    private Tokens greedy(Tokens prefix, int tokens) {
        var generation = engine.generate(new GenerateRequest(prefix, Sampling.atTemperature(0), 0, List.of(), tokens))
                .join();
        assertThat(generation.tokens().size()).isEqualTo(tokens);
        return generation.tokens();
    }

    // ---- ends

    @Test
    void aStopStringEndsTheTextAndIsPartOfIt() {
        start(EngineSettings.DEFAULT);
        int ended = 0;
        for (long seed = 0; seed < 40; seed++) {
            var generation = engine.generate(new GenerateRequest(question, LAW, seed, List.of("\n\n", "e"), 100))
                    .join();
            assertThat(tokenizer.decode(generation.tokens())).isEqualTo(generation.text());
            if (generation.end() == End.STOP_STRING) {
                ended++;
                assertThat(generation.text()).matches("(?s).*(\n\n|e)");
                assertThat(generation.text().replaceFirst("(?s)(\n\n|e)$", "")).doesNotContain("\n\n", "e");
            }
        }
        assertThat(ended).isPositive();
    }

    @Test
    void theContextIsALimit() {
        start(EngineSettings.DEFAULT.withContextTokens(question.size() + 8));

        var generation = engine.generate(continuing(question, 1, 100)).join();

        assertThat(generation.end()).isEqualTo(End.CONTEXT_FULL);
        assertThat(generation.tokens().size()).isEqualTo(8);
        assertThat(engine.score(ScoreRequest.atEnd(question.plus(generation.tokens()), Tokens.NONE, good, bad))
                        .join()
                        .promptTokens())
                .isEqualTo(1);
    }

    // ---- refusals

    @Test
    void whatCannotBeServedIsRefusedByCategory() {
        start(EngineSettings.DEFAULT.withContextTokens(100));

        assertRefused(
                engine.generate(continuing(text(1, 100), 0, 1)),
                Category.CONTEXT_OVERFLOW,
                "a text must have at most 100 tokens: needs 101");
        assertRefused(
                engine.generate(continuing(Tokens.of(1, 99999), 0, 1)),
                Category.INVALID_REQUEST,
                "a token must be in [0, " + tokenizer.vocabularySize() + "): was 99999 at 1");
        assertRefused(
                engine.score(ScoreRequest.atEnd(question, Tokens.NONE, -1, bad)), Category.INVALID_REQUEST, "was -1");
    }

    @Test
    void aFullQueueRefuses() {
        start(EngineSettings.DEFAULT.withSequences(1, 1).withQueue(2));

        var many = LongStream.range(0, 50)
                .mapToObj(seed -> engine.generate(continuing(question, seed, 300)))
                .toList();
        var refused = many.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .toList();

        assertThat(refused).hasSizeBetween(40, 48);
        assertRefused(refused.getFirst(), Category.OVERLOADED, "at most 2 requests may wait");
        many.forEach(request -> request.cancel(false));
    }

    private static void assertRefused(CompletableFuture<?> answer, Category category, String message) {
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refusal -> assertThat(refusal.category()).isEqualTo(category))
                .hasMessageContaining(message);
    }

    // ---- cancelling and closing

    @Test
    void aCancelledRequestMakesRoom() {
        start(EngineSettings.DEFAULT.withSequences(1, 1));
        var endless = engine.generate(continuing(question, 1, 10_000));
        var next = engine.generate(continuing(question, 2, 3));

        endless.cancel(false);

        assertThat(next.join().tokens().size()).isEqualTo(3);
        assertThat(endless).isCancelled();
    }

    @Test
    void closingEndsEveryRequest() {
        start(EngineSettings.DEFAULT.withSequences(1, 1));
        var requests = LongStream.range(0, 5)
                .mapToObj(seed -> engine.generate(continuing(question, seed, 10_000)))
                .toList();

        engine.close();

        requests.forEach(request -> assertThat(request).isDone());
        assertRefused(requests.getLast(), Category.CLOSED, "must be open");
        assertRefused(engine.generate(continuing(question, 1, 1)), Category.CLOSED, "must be open");
    }
}
