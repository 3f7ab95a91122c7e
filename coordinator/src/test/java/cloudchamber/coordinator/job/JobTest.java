package cloudchamber.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.wire.Role;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One job, with the test as its problems. */
class JobTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config()
            .withFallback(PersistenceTestKitPlugin.getInstance().config())
            .withFallback(PersistenceTestKitSnapshotPlugin.getInstance().config())
            .withFallback(ConfigFactory.parseString(
                    "pekko { actor.provider = local, actor.testkit.typed.single-expect-default = 30 s }"))
            .withFallback(ConfigFactory.load()));
    private static final ManualTime TIME = ManualTime.get(KIT.system());
    private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());
    private static final AtomicLong NEXT_JOB = new AtomicLong();
    private static final AtomicLong NOW = new AtomicLong();
    private static final Duration REMINDER = Duration.ofSeconds(2);
    private static final Duration TICK = Duration.ofMillis(250);
    private static final int IN_FLIGHT = 2;
    private static final int PLACES = 3;

    private final String id = "job-" + NEXT_JOB.getAndIncrement();
    private final AtomicLong clockMillis = new AtomicLong(1_700_000_000_000L);
    private final TestProbe<Problem.Command> problems = KIT.createTestProbe(Problem.Command.class);
    private volatile List<JobSpecification.Question> stored = List.of();
    private final Map<String, ActorRef<Problem.Over>> listeners = new HashMap<>();
    private volatile List<Dispatcher.WorkerLine> workers =
            List.of(StubDispatcher.worker(Role.POLICY, "policy"), StubDispatcher.worker(Role.PRM, "prm"));
    private final ActorRef<Admission.Command> admission =
            KIT.spawn(Admission.create(PLACES, KIT.spawn(StubDispatcher.create(() -> workers)), NOW::get));
    private final TestProbe<ClusterSharding.ShardCommand> shard =
            KIT.createTestProbe(ClusterSharding.ShardCommand.class);
    private final Questions questions = new Questions() {
        @Override
        public CompletionStage<List<JobSpecification.Question>> page(String job, int from, int count) {
            var all = stored;
            return CompletableFuture.completedStage(all.subList(from, Math.min(all.size(), from + count)));
        }

        @Override
        public CompletionStage<Void> store(String job, int from, List<JobSpecification.Question> more) {
            var all = new ArrayList<>(stored);
            all.subList(from, all.size()).clear();
            all.addAll(more);
            stored = List.copyOf(all);
            return CompletableFuture.completedStage(null);
        }
    };
    private ActorRef<Job.Command> job = spawn();

    private ActorRef<Job.Command> spawn() {
        return KIT.spawn(Job.create(
                id,
                new JobSettings(IN_FLIGHT, PLACES, Long.MAX_VALUE, Long.MAX_VALUE, Optional.empty()),
                new ProbedSharding(problems.getRef()),
                admission,
                shard.getRef(),
                questions,
                clockMillis::get));
    }

    @AfterEach
    void stop() {
        KIT.stop(job);
    }

    @AfterAll
    static void stopAll() {
        KIT.shutdownTestKit();
    }

    // ---- life

    @Test
    void jobStartsItsProblemsInOrderABoundedNumberAtATimeAndCountsHowTheyEnd() {
        var accepted = submit(4);
        assertThat(accepted.status()).isEqualTo(JobStatus.QUEUED);
        assertThat(accepted.counts()).isEqualTo(new JobView.Counts(4, 4, 0, 0, 0, 0));
        assertThat(accepted.endedAtMillis()).isNull();

        var first = nextStart();
        var second = nextStart();
        assertThat(first.specification().problem()).isEqualTo("p1");
        assertThat(second.specification().problem()).isEqualTo("p2");
        assertThat(first.specification().order())
                .isLessThan(second.specification().order());
        assertThat(view().status()).isEqualTo(JobStatus.RUNNING);
        assertThat(view().counts()).isEqualTo(new JobView.Counts(4, 2, 2, 0, 0, 0));
        problems.expectNoMessage(Duration.ZERO);

        over("p2", ProblemStatus.SUCCEEDED);
        assertThat(nextStart().specification().problem()).isEqualTo("p3");
        over("p1", ProblemStatus.FAILED);
        assertThat(nextStart().specification().problem()).isEqualTo("p4");
        over("p3", ProblemStatus.SUCCEEDED);
        assertThat(view().counts()).isEqualTo(new JobView.Counts(4, 0, 1, 2, 1, 0));
        clockMillis.addAndGet(5000);
        over("p4", ProblemStatus.SUCCEEDED);

        var ended = view();
        assertThat(ended.status()).isEqualTo(JobStatus.FAILED);
        assertThat(ended.counts()).isEqualTo(new JobView.Counts(4, 0, 0, 3, 1, 0));
        assertThat(ended.endedAtMillis()).isEqualTo(clockMillis.get());
    }

    @Test
    void jobWhoseProblemsAllSucceedHasSucceeded() {
        submit(1);
        nextStart();
        over("p1", ProblemStatus.SUCCEEDED);

        assertThat(view().status()).isEqualTo(JobStatus.SUCCEEDED);
        TIME.timePasses(REMINDER);
        problems.expectNoMessage(Duration.ZERO);
    }

    @Test
    void repeatsChangeNothing() {
        var first = submit(2);
        nextStart();
        nextStart();
        assertThat(submit(2).acceptedAtMillis()).isEqualTo(first.acceptedAtMillis());
        over("p1", ProblemStatus.SUCCEEDED);
        over("p1", ProblemStatus.FAILED);

        assertThat(view().counts()).isEqualTo(new JobView.Counts(2, 0, 1, 1, 0, 0));
        assertThat(JOURNAL.persistedInStorage(Job.TYPE.name() + "|" + id)).hasSize(2);
    }

    @Test
    void problemThatIsSilentIsAskedAgain() {
        submit(3);
        var first = nextStart();
        nextStart();
        over("p2", ProblemStatus.SUCCEEDED);
        var third = nextStart();
        view();

        TIME.timePasses(REMINDER);

        assertThat(nextStart()).isEqualTo(first);
        assertThat(nextStart()).isEqualTo(third);
        problems.expectNoMessage(Duration.ZERO);
    }

    // ---- cancel

    @Test
    void cancelledJobCancelsWhatRunsStartsNothingMoreAndStaysCancelled() {
        submit(4);
        nextStart();
        nextStart();
        over("p1", ProblemStatus.SUCCEEDED);
        nextStart();

        var cancelled = cancel();

        assertThat(cancelled.status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(cancelled.counts()).isEqualTo(new JobView.Counts(4, 0, 0, 1, 0, 3));
        assertThat(problems.receiveMessage()).isEqualTo(new Problem.Cancel());
        assertThat(problems.receiveMessage()).isEqualTo(new Problem.Cancel());
        over("p2", ProblemStatus.CANCELLED);
        over("p3", ProblemStatus.SUCCEEDED);
        assertThat(view()).isEqualTo(cancelled);
        assertThat(cancel()).isEqualTo(cancelled);
        TIME.timePasses(REMINDER);
        problems.expectNoMessage(Duration.ZERO);
    }

    /** A word that is lost must not leave a cancelled problem running. */
    @Test
    void cancelIsRepeatedUntilTheProblemSaysThatItIsOver() {
        submit(2);
        nextStart();
        nextStart();
        cancel();
        problems.receiveMessage();
        problems.receiveMessage();
        over("p1", ProblemStatus.CANCELLED);
        view();

        TIME.timePasses(REMINDER);
        assertThat(problems.receiveMessage()).isEqualTo(new Problem.Cancel());
        view();
        problems.expectNoMessage(Duration.ZERO);
        over("p2", ProblemStatus.CANCELLED);
        view();

        TIME.timePasses(REMINDER);
        view();
        problems.expectNoMessage(Duration.ZERO);
    }

    @Test
    void cancelAfterTheEndChangesNothing() {
        submit(1);
        nextStart();
        over("p1", ProblemStatus.SUCCEEDED);

        assertThat(cancel().status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void unknownJobHasNoViewAndCannotBeCancelled() {
        assertThat(view()).isNull();
        assertThat(cancel()).isNull();
    }

    // ---- retry and delete

    @Test
    void retryTriesTheFailedProblemsAgainAndNoOther() {
        submit(3);
        nextStart();
        nextStart();
        over("p1", ProblemStatus.FAILED);
        nextStart();
        over("p2", ProblemStatus.SUCCEEDED);
        assertThat(ask(Job.Retry::new).status()).isEqualTo(JobStatus.RUNNING);
        over("p3", ProblemStatus.FAILED);
        assertThat(view().status()).isEqualTo(JobStatus.FAILED);

        assertThat(ask(Job.Retry::new).counts()).isEqualTo(new JobView.Counts(3, 2, 0, 1, 0, 0));
        var first = nextStart();
        var third = nextStart();
        assertThat(first.specification().problem()).isEqualTo("p1");
        assertThat(third.specification().problem()).isEqualTo("p3");
        assertThat(first.specification().attempt()).isOne();
        over("p1", ProblemStatus.FAILED, 0);
        assertThat(view().counts())
                .as("a late word of the first attempt")
                .isEqualTo(new JobView.Counts(3, 0, 2, 1, 0, 0));
        over("p1", ProblemStatus.SUCCEEDED, 1);
        over("p3", ProblemStatus.SUCCEEDED, 1);
        assertThat(view().status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void onlyAJobThatIsOverCanBeDeleted() {
        submit(1);
        nextStart();
        assertThat(ask(Job.Delete::new).status()).isEqualTo(JobStatus.RUNNING);
        over("p1", ProblemStatus.SUCCEEDED);

        assertThat(ask(Job.Delete::new).status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(view()).isNull();
        KIT.stop(job);
        job = spawn();
        assertThat(view()).isNull();
        assertThat(submit(1)).as("an id is given once").isNull();
    }

    // ---- places

    /** A job waits for the places of others, and what it gives back is theirs. */
    @Test
    void problemsWaitForAPlaceOnTheirCoordinator() {
        var other = KIT.createTestProbe(Allowance.class);
        admission.tell(new Admission.State("other", claim(0, 0, PLACES), other.getRef()));
        assertThat(other.receiveMessage().granted()).isEqualTo(PLACES);
        submit(3);
        problems.expectNoMessage(Duration.ofMillis(100));
        assertThat(view().status()).isEqualTo(JobStatus.QUEUED);
        assertThat(view().waiting())
                .containsExactly(new Waiting(
                        "places",
                        clockMillis.get(),
                        "at most " + PLACES + " problems run at once on this coordinator: as many do"));

        admission.tell(new Admission.State("other", claim(PLACES, 1, PLACES - 1), other.getRef()));
        assertThat(nextStart().specification().problem()).isEqualTo("p1");
        assertThat(view().waiting()).isEmpty();
        problems.expectNoMessage(Duration.ZERO);
        over("p1", ProblemStatus.SUCCEEDED);
        assertThat(nextStart().specification().problem()).isEqualTo("p2");
        cancel();
        problems.expectMessage(new Problem.Cancel());
        over("p2", ProblemStatus.CANCELLED);
        view();
        admission.tell(new Admission.State("other", claim(PLACES, 1, PLACES), other.getRef()));
        assertThat(other.receiveMessage().granted()).as("its own answer").isEqualTo(PLACES);
        assertThat(other.receiveMessage().granted())
                .as("what the cancelled job had")
                .isEqualTo(PLACES + 1);
    }

    @Test
    void aRecoveredJobHasThePlacesOfItsFormerLifeAndNoMore() {
        submit(5);
        nextStart();
        nextStart();
        KIT.stop(job);
        job = spawn();
        nextStart();
        nextStart();
        var other = KIT.createTestProbe(Allowance.class);

        admission.tell(new Admission.State("other", claim(0, 0, PLACES), other.getRef()));

        assertThat(other.receiveMessage().granted()).isEqualTo(PLACES - IN_FLIGHT);
        other.expectNoMessage(Duration.ZERO);
    }

    /** The story: 4 jobs with a model that nobody serves held every place, and other tenants waited. */
    @Test
    void problemsThatNobodyCanRunStartWhenSomebodyCan() {
        workers = List.of(StubDispatcher.worker(Role.POLICY, "policy"));
        TIME.timePasses(TICK);
        submit(3);
        problems.expectNoMessage(Duration.ofMillis(100));
        assertThat(view().waiting()).containsExactly(new Waiting("prm prm", clockMillis.get(), "no worker serves it"));
        var other = KIT.createTestProbe(Allowance.class);
        var served = new Claim(1, "default", 1, new Need("policy", "policy", null), 0, 0, PLACES);
        admission.tell(new Admission.State("other", served, other.getRef()));
        other.receiveMessage();

        workers = List.of(StubDispatcher.worker(Role.POLICY, "policy"), StubDispatcher.worker(Role.PRM, "prm"));
        TIME.timePasses(TICK);

        nextStart();
        nextStart();
        assertThat(view().waiting()).isEmpty();
    }

    private static Claim claim(long granted, long returned, int wanted) {
        return new Claim(1, "another", 1, new Need("policy", "prm", null), granted, returned, wanted);
    }

    /** The story: its actor restarted inside the same object, and its places stayed with the life before. */
    @Test
    void aJobWhoseWriteFailedGoesOnWithAllItsPlaces() {
        submit(5);
        nextStart();
        nextStart();
        JOURNAL.failNextPersisted(Job.TYPE.name() + "|" + id);
        over("p1", ProblemStatus.SUCCEEDED);

        awaitRestart();

        var again = List.of(
                nextStart().specification().problem(),
                nextStart().specification().problem());
        assertThat(again).containsExactly("p1", "p2");
        over("p1", ProblemStatus.SUCCEEDED);
        over("p2", ProblemStatus.SUCCEEDED);
        nextStart();
        nextStart();
        over("p3", ProblemStatus.SUCCEEDED);
        over("p4", ProblemStatus.SUCCEEDED);
        nextStart();
        over("p5", ProblemStatus.SUCCEEDED);
        assertThat(view().status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void aJobThatIsOverDoesNotStay() {
        submit(1);
        nextStart();
        over("p1", ProblemStatus.SUCCEEDED);
        view();

        TIME.timePasses(Duration.ofSeconds(10));

        assertThat(shard.receiveMessage()).isEqualTo(new ClusterSharding.Passivate<>(job));
    }

    @Test
    void aJobThatRunsStays() {
        submit(1);
        nextStart();
        view();

        TIME.timePasses(Duration.ofMinutes(5));

        shard.expectNoMessage(Duration.ZERO);
    }

    // ---- recovery

    /** The story: after a restart the job counted from the number of ended problems and began ended ones again. */
    @Test
    void restartedJobAsksAtOnceForWhatRanAndGoesOnWhereItWas() {
        submit(5);
        nextStart();
        nextStart();
        over("p2", ProblemStatus.SUCCEEDED);
        nextStart();
        over("p3", ProblemStatus.FAILED);
        nextStart();
        var before = view();

        KIT.stop(job);
        job = spawn();

        var again = new ArrayList<String>();
        again.add(nextStart().specification().problem());
        again.add(nextStart().specification().problem());
        assertThat(again).containsExactly("p1", "p4");
        problems.expectNoMessage(Duration.ZERO);
        assertThat(view()).isEqualTo(before);
        over("p1", ProblemStatus.SUCCEEDED);
        assertThat(nextStart().specification().problem()).isEqualTo("p5");
        over("p4", ProblemStatus.SUCCEEDED);
        over("p5", ProblemStatus.SUCCEEDED);
        assertThat(view().counts()).isEqualTo(new JobView.Counts(5, 0, 0, 4, 1, 0));
    }

    @Test
    void jobThatIsOverStartsNothingAfterARestart() {
        submit(1);
        nextStart();
        over("p1", ProblemStatus.SUCCEEDED);
        var before = view();

        KIT.stop(job);
        job = spawn();

        assertThat(view()).isEqualTo(before);
        TIME.timePasses(REMINDER);
        problems.expectNoMessage(Duration.ZERO);
    }

    // ---- what is submitted

    /** The transport drops a frame above 2 MiB without a word: a job of 60 problems of 60 kB would never arrive. */
    @Test
    void aLargeJobIsHandedOverInPiecesThatTheTransportCarries() throws Exception {
        var text = "x".repeat(60_000);
        var questions = IntStream.rangeClosed(1, 60)
                .mapToObj(number -> new JobSpecification.Question("p" + number, Prompt.question(text)))
                .toList();
        var wire = KIT.<Job.Command>createTestProbe();
        var sharding = new ProbedSharding(wire.getRef());

        var reply = JobSubmission.submit(
                sharding.entityRefFor(Job.TYPE, id), specification(questions), Duration.ofMinutes(1));
        while (!reply.toCompletableFuture().isDone()) {
            var message = wire.receiveMessage();
            assertThat(size(message)).isLessThan(1_500_000);
            job.tell(message);
            if (message instanceof Job.Submit) {
                assertThat(reply.toCompletableFuture()
                                .get(1, TimeUnit.MINUTES)
                                .view()
                                .counts()
                                .total())
                        .isEqualTo(60);
            }
        }

        assertThat(stored).isEqualTo(questions);
        assertThat(nextStart().specification().prompt()).isEqualTo(Prompt.question(text));
    }

    private static int size(Job.Command message) {
        return message.toString().length();
    }

    @Test
    void specificationNamesWhatIsWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> specification(List.of()))
                .withMessage("problems must have at least one entry: had none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> specification(List.of(question("a"), question("b"), question("a"))))
                .withMessage("problem ids must be unique within a job: \"a\" stands twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> question(" "))
                .withMessage("a problem's id must have 1 to 200 characters: was \" \"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JobSettings(0, 1, 1, 1, Optional.empty()))
                .withMessage("cloudchamber.job.max-problems-in-flight must be at least 1: was 0");
    }

    // ---- helpers

    private JobSpecification specification(List<JobSpecification.Question> questions) {
        return new JobSpecification(
                id,
                questions,
                ParticleFilterSettings.standard(),
                "policy",
                "prm",
                Sampling.atTemperature(1),
                new Limits(3, 8, 80),
                List.of("\n\n"),
                7,
                "text");
    }

    private static JobSpecification.Question question(String id) {
        return new JobSpecification.Question(id, Prompt.question("?"));
    }

    private JobView submit(int count) {
        var questions = IntStream.rangeClosed(1, count)
                .mapToObj(number -> question("p" + number))
                .toList();
        stored = questions;
        return ask(replyTo -> new Job.Submit(specification(questions), replyTo));
    }

    private JobView view() {
        return ask(Job.GetView::new);
    }

    private JobView cancel() {
        return ask(Job.Cancel::new);
    }

    private JobView ask(Function<ActorRef<Job.ViewReply>, Job.Command> command) {
        var reply = KIT.createTestProbe(Job.ViewReply.class);
        job.tell(command.apply(reply.getRef()));
        return reply.receiveMessage().view();
    }

    /** What is asked after a write began is answered when the job has read again, and its pause is over by then. */
    private void awaitRestart() {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            var reply = KIT.createTestProbe(Job.ViewReply.class);
            job.tell(new Job.GetView(reply.getRef()));
            TIME.timePasses(Duration.ofMillis(250));
            reply.receiveMessage(Duration.ofSeconds(1));
        });
    }

    private Problem.Start nextStart() {
        var start = problems.expectMessageClass(Problem.Start.class);
        listeners.put(start.specification().problem(), start.listener());
        return start;
    }

    private void over(String problem, ProblemStatus status) {
        over(problem, status, 0);
    }

    private void over(String problem, ProblemStatus status, int attempt) {
        listeners.get(problem).tell(new Problem.Over(id, problem, status, attempt));
    }
}
