package cloudchamber.coordinator.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Work;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One problem, with the test as its dispatcher. */
class ProblemTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config()
            .withFallback(PersistenceTestKitPlugin.getInstance().config())
            .withFallback(PersistenceTestKitSnapshotPlugin.getInstance().config())
            .withFallback(ConfigFactory.parseString("pekko.actor.provider = local"))
            .withFallback(ConfigFactory.load()));
    private static final ManualTime TIME = ManualTime.get(KIT.system());
    private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());
    private static final AtomicLong NEXT_JOB = new AtomicLong();
    private static final int STEPS = 3;
    private static final int PARTICLES = 5;
    private static final long MILLIS = 1_700_000_000_000L;

    private final Oracle oracle = Oracle.twoStates(STEPS);
    private final String job = "job-" + NEXT_JOB.getAndIncrement();
    private final TestProbe<Dispatcher.Command> dispatcher = KIT.createTestProbe(Dispatcher.Command.class);
    private final TestProbe<Problem.Over> listener = KIT.createTestProbe(Problem.Over.class);
    private final TestProbe<ClusterSharding.ShardCommand> shard =
            KIT.createTestProbe(ClusterSharding.ShardCommand.class);
    private ActorRef<Problem.Command> problem = spawn();

    private ActorRef<Problem.Command> spawn() {
        return KIT.spawn(
                Problem.create(Problem.entityId(job, "p1"), dispatcher.getRef(), shard.getRef(), () -> MILLIS));
    }

    @AfterEach
    void stop() {
        KIT.stop(problem);
    }

    @AfterAll
    static void stopAll() {
        KIT.shutdownTestKit();
    }

    // ---- the run

    @Test
    void problemRunsItsRoundsWritesEachOnceAndSaysThatItIsOver() {
        start();
        answerToTheEnd();

        assertThat(listener.receiveMessage()).isEqualTo(new Problem.Over(job, "p1", ProblemStatus.SUCCEEDED, 0));
        assertThat(dispatcher.receiveMessage()).isEqualTo(new Dispatcher.Forget(job, "p1"));
        assertThat(events())
                .extracting(Object::getClass)
                .extracting(Class::getSimpleName)
                .containsExactly("Started", "Advanced", "Advanced", "Advanced", "Ended");
        assertThat(rounds(events())).extracting(MethodEvent.RoundClosed::round).containsExactly(0, 1, 2);
        var view = view();
        assertThat(view.status()).isEqualTo(ProblemStatus.SUCCEEDED);
        assertThat(view.rounds()).hasSize(STEPS);
        assertThat(view.particles())
                .hasSize(PARTICLES)
                .allMatch(particle -> particle.steps().size() == STEPS);
        assertThat(view.posterior().stream()
                        .mapToDouble(ProblemView.PosteriorWeight::weight)
                        .sum())
                .isCloseTo(1, within(1e-12));
        assertThat(view.answer()).hasSize(STEPS);
        assertThat(view.logEvidence()).isFinite();
        assertThat(view.noEvidence()).isNull();
        assertThat(view.cost().policyCalls()).isEqualTo(PARTICLES * STEPS);
        assertThat(view.cost().prmCalls()).isEqualTo(PARTICLES * STEPS);
        assertThat(view.cost().completionTokens()).isEqualTo(PARTICLES * STEPS);
        assertThat(view.cost().wastedTokens()).isZero();
    }

    @Test
    void followersHearOfEveryRoundOnceItIsStoredAndOfTheEnd() {
        var early = KIT.createTestProbe(ProblemUpdate.class);
        problem.tell(new Problem.Follow(early.getRef(), -1, true));
        start();
        answerToTheEnd();

        assertThat(early.expectMessageClass(ProblemUpdate.Opened.class).status())
                .isEqualTo(ProblemStatus.QUEUED);
        assertThat(early.expectMessageClass(ProblemUpdate.Opened.class).status())
                .isEqualTo(ProblemStatus.RUNNING);
        for (int round = 0; round < STEPS; round++) {
            var heard =
                    early.expectMessageClass(ProblemUpdate.RoundClosed.class).round();
            assertThat(heard.round()).isEqualTo(round);
            var chain = heard.chains().getFirst();
            assertThat(chain.nodes()).hasSize(PARTICLES);
            assertThat(chain.weights().stream().mapToDouble(weight -> weight).sum())
                    .isCloseTo(1, within(1e-12));
            assertThat(chain.finished()).isEqualTo(round == STEPS - 1 ? PARTICLES : 0);
            assertThat(heard.nodes()).hasSize(PARTICLES);
            assertThat(heard.cost().policyCalls()).isEqualTo((round + 1L) * PARTICLES);
            assertThat(heard.best() == null).isEqualTo(round < STEPS - 1);
        }
        var end = early.expectMessageClass(ProblemUpdate.Ended.class).end();
        assertThat(end.answer()).isEqualTo(view().answer());
        assertThat(end.particles()).hasSize(PARTICLES);
        assertThat(end.particles())
                .filteredOn(particle -> particle.node() == end.selected())
                .extracting(ProblemUpdate.EndParticle::answer)
                .containsOnly(end.answer());

        var late = KIT.createTestProbe(ProblemUpdate.class);
        problem.tell(new Problem.Follow(late.getRef(), 0, false));

        assertThat(late.expectMessageClass(ProblemUpdate.Opened.class).lastRound())
                .isEqualTo(STEPS - 1);
        var second = late.expectMessageClass(ProblemUpdate.RoundClosed.class).round();
        assertThat(second.round()).isEqualTo(1);
        assertThat(second.nodes()).isEmpty();
        assertThat(late.expectMessageClass(ProblemUpdate.RoundClosed.class)
                        .round()
                        .round())
                .isEqualTo(2);
        assertThat(late.expectMessageClass(ProblemUpdate.Ended.class).end()).isEqualTo(end);
    }

    /** Promise 2 and 3: repeats, strays, and any order leave the same events, cost of waste apart. */
    @Test
    void orderRepeatsAndStraysChangeNothing() {
        start();
        answerToTheEnd();
        var expected = withoutCost(rounds(events()));

        for (long seed = 0; seed < 5; seed++) {
            var other = new ProblemTest();
            other.start();
            other.answerInDisorder(new CounterRandom(seed));

            assertThat(withoutCost(rounds(other.events()))).isEqualTo(expected);
            other.stop();
        }
    }

    /** Keeps what is asked for in a bag; answers from it any time, twice or not yet, with strays between. */
    private void answerInDisorder(CounterRandom random) {
        var bag = new ArrayList<Work>();
        var first = nextSubmit();
        bag.addAll(first.works());
        while (!ended()) {
            var work = bag.get(random.nextInt(bag.size()));
            first.replyTo().tell(oracle.answer(work));
            if (random.nextBoolean()) {
                bag.remove(work);
                first.replyTo().tell(stray(work.key().round() + 100));
            }
            var before = view();
            while (bag.isEmpty() && before.status() == ProblemStatus.RUNNING) {
                bag.addAll(nextSubmit().works());
            }
        }
    }

    private boolean ended() {
        return view().status() != ProblemStatus.RUNNING;
    }

    @Test
    void lateResultsAreIgnoredAndCountedAsWaste() {
        start();
        var first = nextSubmit();
        var replyTo = first.replyTo();
        answer(first);
        for (var work : first.works()) {
            replyTo.tell(oracle.answer(work));
        }
        replyTo.tell(new WorkResult.Wasted(first.works().iterator().next().key(), new Usage(100, 7, 20)));
        answerToTheEnd();
        listener.receiveMessage();

        long repeats = PARTICLES * (Oracle.USAGE.promptTokens() + Oracle.USAGE.completionTokens());
        assertThat(view().cost().wastedTokens()).isEqualTo(repeats + 120);
    }

    @Test
    void problemThatWasRestartedInTheMiddleOfARoundAsksAgainWithTheSameSeedsAndEndsTheSame() {
        start();
        answerToTheEnd();
        var expected = withoutCost(rounds(events()));

        var other = new ProblemTest();
        other.start();
        other.answerRound();
        var interrupted = other.nextSubmit();
        var works = List.copyOf(interrupted.works());
        interrupted.replyTo().tell(oracle.answer(works.get(1)));
        interrupted.replyTo().tell(oracle.answer(works.get(3)));
        other.nextSubmit();
        other.nextSubmit();
        KIT.stop(other.problem);
        other.problem = other.spawn();

        var again = other.nextSubmit();
        assertThat(List.copyOf(again.works())).isEqualTo(works);
        other.answer(again);
        other.answerToTheEnd();
        other.start();

        assertThat(other.listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
        assertThat(withoutCost(rounds(other.events()))).isEqualTo(expected);
        other.stop();
    }

    @Test
    void replayRebuildsTheSameView() {
        start();
        answerRound();
        nextSubmit();
        var running = view();
        restart();
        assertThat(view()).isEqualTo(running);

        answerToTheEnd();
        start();
        listener.receiveMessage();
        var ended = view();
        restart();

        assertThat(view()).isEqualTo(ended);
        assertThat(ended.status()).isEqualTo(ProblemStatus.SUCCEEDED);
    }

    @Test
    void startThatIsRepeatedTellsEachListenerOnceAndAfterTheEndAtOnce() {
        start();
        start();
        start();
        answerToTheEnd();

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
        view();
        listener.expectNoMessage(Duration.ZERO);
        start();
        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
        assertThat(events()).filteredOn(ProblemEvent.Started.class::isInstance).hasSize(1);
    }

    // ---- what is asked for

    @Test
    void stepMayHaveItsOwnLimitAndTheParticleWhatIsLeftToIt() {
        start(settings(), new Limits(STEPS, 4, 6), "text");
        var first = nextSubmit();
        assertThat(first.works()).allSatisfy(work -> assertLimits(work, 4, 6));
        answerWith(first, work -> steps(work, List.of(7, 7, 7)));
        for (int score = 0; score < PARTICLES; score++) {
            answer(nextSubmit());
        }

        assertThat(nextSubmit().works()).allSatisfy(work -> assertLimits(work, 3, 3));
    }

    private static void assertLimits(Work work, int maxStepTokens, int maxTokens) {
        assertThat(work).isInstanceOfSatisfying(Work.Extension.class, extension -> {
            assertThat(extension.maxStepTokens()).isEqualTo(maxStepTokens);
            assertThat(extension.maxTokens()).isEqualTo(maxTokens);
        });
    }

    private static WorkResult steps(Work work, List<Integer> tokenIds) {
        return new WorkResult.Extended(
                work.key(), new Step("0", tokenIds, StepEnd.STEP, StepLimit.NONE, -1, tokenIds.size()), Oracle.USAGE);
    }

    @Test
    void workTheDispatcherHadNoRoomForIsAskedForAgain() {
        start();
        var refused = nextSubmit();
        for (var work : refused.works()) {
            refused.replyTo()
                    .tell(new WorkResult.Failed(work.key(), new Refusal(Refusal.Category.OVERLOADED, "full"), 0));
        }
        assertThat(view().status()).isEqualTo(ProblemStatus.RUNNING);

        TIME.timePasses(Duration.ofSeconds(1));

        var again = nextSubmit();
        assertThat(List.copyOf(again.works())).isEqualTo(List.copyOf(refused.works()));
        answer(again);
        answerToTheEnd();
        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
    }

    // ---- other ends

    @Test
    void workThatFailsEndsTheProblemWithASentence() {
        start();
        answerRound();
        var open = nextSubmit();
        var key = open.works().iterator().next().key();
        open.replyTo()
                .tell(new WorkResult.Failed(key, new Refusal(Refusal.Category.BACKEND_UNAVAILABLE, "it broke"), 8));

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(dispatcher.receiveMessage()).isEqualTo(new Dispatcher.Forget(job, "p1"));
        assertThat(view().failure()).isEqualTo("[" + key + "] failed after 8 attempts: BACKEND_UNAVAILABLE: it broke");
        assertThat(view().noEvidence()).isEqualTo("the run failed");
        assertThat(view().rounds()).hasSize(1);
        var before = events();
        open.works().forEach(work -> open.replyTo().tell(oracle.answer(work)));
        assertThat(view().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(events()).isEqualTo(before);
    }

    @Test
    void failureOfAnotherRoundIsIgnored() {
        start();
        var first = nextSubmit();
        var key = first.works().iterator().next().key();
        answer(first);
        answerScores();
        first.replyTo().tell(new WorkResult.Failed(key, new Refusal(Refusal.Category.TIMED_OUT, "late"), 8));
        answerToTheEnd();

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
    }

    @Test
    void scoreThatIsNoNumberIsAskedForAgainAndFailsTheProblemTheThirdTime() {
        for (int wrong = 2; wrong <= 3; wrong++) {
            var one = new ProblemTest();
            one.start();
            var steps = one.nextSubmit();
            one.answer(steps);
            var score = one.nextSubmit();
            for (int attempt = 0; attempt < wrong; attempt++) {
                one.answerWith(score, work -> new WorkResult.Scored(work.key(), List.of(Double.NaN), Oracle.USAGE));
                if (attempt < 2) {
                    var key = score.works().iterator().next().key();
                    do {
                        score = one.nextSubmit();
                    } while (!score.works().iterator().next().key().equals(key));
                }
            }
            if (wrong == 3) {
                assertThat(one.listener.receiveMessage().status()).isEqualTo(ProblemStatus.FAILED);
                assertThat(one.view().failure())
                        .contains("failed after 3 attempts: BACKEND_INVALID: log-odds must be numbers: were [NaN]");
            } else {
                one.answer(score);
                one.view();
                one.listener.expectNoMessage(Duration.ZERO);
            }
            one.stop();
        }
    }

    // ---- a journal that does not take what it is given

    /** The story: half a surrogate pair in a model's text made a problem run for ever. */
    @Test
    void textThatNoDatabaseHoldsIsMendedCountedAndFlagged() {
        start();
        answerWith(nextSubmit(), work -> withText(work, "a\ud83d b\0"));
        for (int score = 0; score < PARTICLES; score++) {
            answerWith(nextSubmit(), work -> new WorkResult.Scored(work.key(), List.of(0.0), Oracle.USAGE));
        }
        nextSubmit();

        assertThat(rounds(events()).getFirst().nodes()).hasSize(PARTICLES).allSatisfy(node -> {
            assertThat(node.step().text()).isEqualTo("a\ufffd b\ufffd");
            assertThat(node.replacedCharacters()).isEqualTo(2);
        });
    }

    private WorkResult withText(Work work, String text) {
        return new WorkResult.Extended(
                work.key(), new Step(text, List.of(), StepEnd.STEP, StepLimit.NONE, -1, 1), Oracle.USAGE);
    }

    /** A write that fails is made again for as long as it takes; what was computed for it is waste. */
    @Test
    void roundThatCouldNotBeWrittenIsDoneAgainAndItsCallsAreWaste() {
        start();
        var first = nextSubmit();
        JOURNAL.failNextNPersisted(persistenceId(), 5);
        answer(first);
        for (int failure = 0; failure < 5; failure++) {
            answerScores();
            answer(nextSubmitAfterARestart());
        }
        answerToTheEnd();

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
        long round = 2L * PARTICLES * (Oracle.USAGE.promptTokens() + Oracle.USAGE.completionTokens());
        assertThat(view().cost().wastedTokens()).isEqualTo(5 * round);
    }

    @Test
    void problemWhoseEventsCanNeverBeWrittenFailsWithAReasonAndAllItsCallsAreCounted() {
        start();
        var submit = nextSubmit();
        JOURNAL.failNextNPersisted(persistenceId(), 3);
        for (int failure = 1; ; failure++) {
            answerWith(
                    submit,
                    work -> new WorkResult.Extended(
                            work.key(),
                            ((WorkResult.Extended) oracle.answer(work)).step(),
                            Oracle.USAGE,
                            "class \ud83d"));
            answerScores();
            if (failure == 3) {
                break;
            }
            submit = nextSubmitAfterARestart();
        }

        assertThat(afterARestart(listener, Problem.Over.class).status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(view().failure()).contains("events could not be written 3 times");
        long round = 2L * PARTICLES * (Oracle.USAGE.promptTokens() + Oracle.USAGE.completionTokens());
        assertThat(view().cost().wastedTokens()).isEqualTo(3 * round);
    }

    private Dispatcher.Submit nextSubmitAfterARestart() {
        return afterARestart(dispatcher, Dispatcher.Submit.class);
    }

    /** A failed write is noticed at some time, and the restart comes a while of simulated time later. */
    private static <T> T afterARestart(TestProbe<? super T> probe, Class<T> message) {
        for (int pause = 0; pause < 100; pause++) {
            TIME.timePasses(Duration.ofSeconds(1));
            try {
                return probe.expectMessageClass(message, Duration.ofMillis(200));
            } catch (AssertionError notYet) {
                // The restart has not been scheduled or is not over.
            }
        }
        throw new AssertionError("a problem must go on after a failed write: did not");
    }

    private String persistenceId() {
        return Problem.TYPE.name() + "|" + Problem.entityId(job, "p1");
    }

    @Test
    void particleThatOutgrowsAContextEndsAndTheProblemGoesOn() {
        start();
        answerRound();
        var second = nextSubmit();
        var cut = second.works().iterator().next().key();
        answerWith(
                second,
                work -> work.key().equals(cut)
                        ? new WorkResult.Failed(
                                cut, new Refusal(Refusal.Category.CONTEXT_OVERFLOW, "the context is full"), 1)
                        : oracle.answer(work));
        for (int score = 1; score < PARTICLES; score++) {
            answer(nextSubmit());
        }
        answerToTheEnd();

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.SUCCEEDED);
        assertThat(rounds(events()).get(1).nodes())
                .filteredOn(node -> node.step().limit() == StepLimit.CONTEXT)
                .singleElement()
                .satisfies(node -> {
                    assertThat(node.step().text()).isEmpty();
                    assertThat(node.logOdds()).isEmpty();
                });
    }

    @Test
    void promptThatDoesNotFitFailsTheProblem() {
        start();
        answerWith(
                nextSubmit(),
                work -> new WorkResult.Failed(
                        work.key(), new Refusal(Refusal.Category.CONTEXT_OVERFLOW, "the context is full"), 1));

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(view().failure()).contains("CONTEXT_OVERFLOW").contains("a prompt must fit");
    }

    @Test
    void cancelledProblemEndsAtOnceAndCountsWhatItSpent() {
        start();
        answerRound();
        var open = nextSubmit();
        open.replyTo().tell(oracle.answer(open.works().iterator().next()));
        nextSubmit();

        problem.tell(new Problem.Cancel());
        problem.tell(new Problem.Cancel());

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.CANCELLED);
        assertThat(dispatcher.receiveMessage()).isEqualTo(new Dispatcher.Forget(job, "p1"));
        assertThat(view().cost().wastedTokens())
                .isEqualTo(Oracle.USAGE.promptTokens() + Oracle.USAGE.completionTokens());
        assertThat(view().cost().policyCalls()).isEqualTo(PARTICLES);
        assertThat(view().noEvidence()).isEqualTo("the run was cancelled");
        assertThat(events()).filteredOn(ProblemEvent.Ended.class::isInstance).hasSize(1);
    }

    /** The story: settings that no method takes crashed the entity again and again, and the job never ended. */
    @Test
    void settingsThatCannotBeRunEndTheProblemWithASentence() {
        start(ParallelTemperingSettings.standard().withChains(30), new Limits(STEPS, 8, 80), "text");

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(view().failure()).startsWith("method.ladderRatio must keep").endsWith("in chain 29");
        restart();
        assertThat(view().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(view().question()).isEqualTo("?");
    }

    @Test
    void unknownGraderEndsTheProblemWithASentence() {
        start(settings(), new Limits(STEPS, 8, 80), "nobody");

        assertThat(listener.receiveMessage().status()).isEqualTo(ProblemStatus.FAILED);
        assertThat(view().failure()).startsWith("grader must be one of").endsWith("was nobody");
    }

    // ---- memory

    /** Ids are the client's; a separator of the journal's in one of them must not stop the problem, or be another's. */
    @Test
    void everyPairOfIdsHasAnEntityIdThatTheJournalTakes() {
        var ids = List.of("p", "p|1", "p/1", "p%2F1", "p 1", "p+1", "β", "$a", "..");
        var entityIds = ids.stream()
                .flatMap(one -> ids.stream().map(other -> Problem.entityId(one, other)))
                .toList();

        assertThat(entityIds).doesNotHaveDuplicates();
        assertThat(entityIds.stream()
                        .map(id -> PersistenceId.of(Problem.TYPE.name(), id).id()))
                .doesNotHaveDuplicates();
        assertThat(Problem.entityId("job-1", "p|1 β")).as("frozen").isEqualTo("job-1/p%7C1+%CE%B2");
    }

    @Test
    void problemThatWasNeverStartedHasNoViewAndDoesNotStay() {
        assertThat(view()).isNull();
        problem.tell(new Problem.Cancel());
        assertThat(view()).isNull();

        TIME.timePasses(Duration.ofMinutes(1));

        assertThat(shard.receiveMessage()).isEqualTo(new ClusterSharding.Passivate<>(problem));
    }

    @Test
    void problemThatHasEndedDoesNotStay() {
        start();
        problem.tell(new Problem.Cancel());
        listener.receiveMessage();
        view();

        TIME.timePasses(Duration.ofMinutes(1));

        assertThat(shard.receiveMessage()).isEqualTo(new ClusterSharding.Passivate<>(problem));
    }

    @Test
    void aProblemEndsWithWhatItHasWhenItsTokensAreSpent() {
        start(new Budget(1L, null));
        answer(nextSubmit());
        answerScores();

        listener.expectMessage(new Problem.Over(job, "p1", ProblemStatus.SUCCEEDED, 0));
        var view = view();
        assertThat(view.stopped()).isEqualTo(MethodEvent.RunStopped.Reason.TOKEN_BUDGET);
        assertThat(view.rounds()).hasSize(1);
        assertThat(view.particles()).hasSize(PARTICLES);
    }

    @Test
    void aProblemEndsWhenItsTimeIsOverThoughNobodyAnswers() {
        start(new Budget(null, .2));
        assertThat(nextSubmit().weight()).isEqualTo(2);
        TIME.timePasses(Duration.ofMillis(200));

        listener.expectMessage(new Problem.Over(job, "p1", ProblemStatus.SUCCEEDED, 0));
        assertThat(view().stopped()).isEqualTo(MethodEvent.RunStopped.Reason.DEADLINE);
    }

    // ---- helpers

    private void start(Budget budget) {
        problem.tell(new Problem.Start(
                new ProblemSpecification(
                        job,
                        "p1",
                        Prompt.question("?"),
                        settings(),
                        "policy",
                        "prm",
                        Sampling.atTemperature(1),
                        new Limits(STEPS, 8, 80),
                        List.of("\n\n"),
                        7,
                        "text",
                        1,
                        null,
                        budget,
                        2.0,
                        null),
                listener.getRef()));
    }

    private static ParticleFilterSettings settings() {
        return ParticleFilterSettings.standard().withParticles(PARTICLES);
    }

    private void start() {
        start(settings(), new Limits(STEPS, 8, 80), "text");
    }

    private void start(MethodSettings method, Limits limits, String grader) {
        problem.tell(new Problem.Start(
                new ProblemSpecification(
                        job,
                        "p1",
                        Prompt.question("?"),
                        method,
                        "policy",
                        "prm",
                        Sampling.atTemperature(1),
                        limits,
                        List.of("\n\n"),
                        7,
                        grader,
                        1),
                listener.getRef()));
    }

    private void restart() {
        KIT.stop(problem);
        problem = spawn();
    }

    private Dispatcher.Submit nextSubmit() {
        return dispatcher.expectMessageClass(Dispatcher.Submit.class);
    }

    private void answer(Dispatcher.Submit submit) {
        answerWith(submit, oracle::answer);
    }

    private void answerWith(Dispatcher.Submit submit, Function<Work, WorkResult> answer) {
        submit.works().forEach(work -> submit.replyTo().tell(answer.apply(work)));
    }

    private void answerScores() {
        for (int score = 0; score < PARTICLES; score++) {
            answer(nextSubmit());
        }
    }

    private void answerRound() {
        answer(nextSubmit());
        answerScores();
    }

    /** Answers until the problem asks for nothing any more and forgets its work. */
    private void answerToTheEnd() {
        while (!rounds(events()).stream().anyMatch(round -> round.round() == STEPS - 1)) {
            answer(nextSubmit());
            view();
        }
    }

    private ProblemView view() {
        var reply = KIT.createTestProbe(Problem.ViewReply.class);
        problem.tell(new Problem.GetView(reply.getRef()));
        return reply.receiveMessage().view();
    }

    private List<ProblemEvent> events() {
        return JOURNAL.persistedInStorage(Problem.TYPE.name() + "|" + Problem.entityId(job, "p1")).stream()
                .map(ProblemEvent.class::cast)
                .toList();
    }

    private static List<MethodEvent.RoundClosed> rounds(List<ProblemEvent> events) {
        return events.stream()
                .filter(ProblemEvent.Advanced.class::isInstance)
                .map(event -> ((ProblemEvent.Advanced) event).event())
                .map(MethodEvent.RoundClosed.class::cast)
                .toList();
    }

    private static List<MethodEvent.RoundClosed> withoutCost(List<MethodEvent.RoundClosed> rounds) {
        return rounds.stream()
                .map(round -> new MethodEvent.RoundClosed(
                        round.round(), round.nodes(), round.populations(), round.choices(), Cost.NONE))
                .toList();
    }

    private WorkResult stray(int round) {
        return new WorkResult.Scored(new StepKey(job, "p1", 0, 0, round, 0, Purpose.SCORE), List.of(1.0), Oracle.USAGE);
    }
}
