package cloudchamber.coordinator.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.job.ProbedSharding;
import cloudchamber.coordinator.sweep.Grid.Variant;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One sweep, with the test as its jobs. */
class SweepTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config()
            .withFallback(PersistenceTestKitPlugin.getInstance().config())
            .withFallback(ConfigFactory.parseString("pekko.actor.provider = local"))
            .withFallback(ConfigFactory.load()));
    private static final ManualTime TIME = ManualTime.get(KIT.system());
    private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());
    private static final AtomicLong NEXT = new AtomicLong();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int PROBLEMS = 10;
    /** Two jobs of ten problems run at once. */
    private static final SweepSettings SETTINGS = new SweepSettings(2 * PROBLEMS);

    private final String id = "sweep-" + NEXT.getAndIncrement();
    private final TestProbe<Job.Command> jobs = KIT.createTestProbe(Job.Command.class);
    private final Map<String, ActorRef<Job.ViewReply>> listeners = new HashMap<>();
    private ActorRef<Sweep.Command> sweep = spawn();

    private ActorRef<Sweep.Command> spawn() {
        return KIT.spawn(Sweep.create(id, SETTINGS, new ProbedSharding(jobs.getRef()), () -> 1L));
    }

    @AfterEach
    void stop() {
        KIT.stop(sweep);
    }

    @AfterAll
    static void stopAll() {
        KIT.shutdownTestKit();
    }

    @Test
    void jobsRunTogetherABoundedNumberOfProblemsAtATime() {
        submit(specification(3));
        var first = nextSubmission();
        var second = nextSubmission();
        jobs.expectNoMessage(Duration.ZERO);
        assertThat(view().status()).isEqualTo(SweepStatus.RUNNING);

        over(first, JobStatus.SUCCEEDED);
        var third = nextSubmission();
        assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
        over(second, JobStatus.FAILED);
        over(third, JobStatus.SUCCEEDED);

        awaitEnd();
        assertThat(view().jobs())
                .extracting(SweepView.JobLine::status)
                .containsExactly(JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.SUCCEEDED);
    }

    /** A job that comes to its last problems leaves room for the next before it is over. */
    @Test
    void theNextJobStartsBeforeTheLastProblemsEnd() {
        submit(specification(3));
        var first = nextSubmission();
        nextSubmission();
        tell(first, JobStatus.RUNNING, 1);
        view();
        TIME.timePasses(Duration.ofSeconds(1));

        assertThat(submissionAmongQuestions()).isNotIn(first);
    }

    @Test
    void aPausedSweepStartsNothingUntilItIsResumed() {
        submit(specification(3));
        var first = nextSubmission();
        var second = nextSubmission();
        assertThat(ask(Sweep.Pause::new).status()).isEqualTo(SweepStatus.PAUSED);
        over(first, JobStatus.SUCCEEDED);
        over(second, JobStatus.SUCCEEDED);
        jobs.expectNoMessage(Duration.ofMillis(100));

        assertThat(ask(Sweep.Resume::new).status()).isEqualTo(SweepStatus.RUNNING);
        over(nextSubmission(), JobStatus.SUCCEEDED);
        awaitEnd();
    }

    @Test
    void aCancelledSweepCancelsItsJobsAndStaysCancelled() {
        submit(specification(1));
        var only = nextSubmission();
        tell(only, JobStatus.RUNNING, 5);
        assertThat(ask(Sweep.Cancel::new).status()).isEqualTo(SweepStatus.CANCELLED);
        TIME.timePasses(Duration.ofSeconds(1));
        jobs.expectMessageClass(Job.Cancel.class);

        assertThat(submit(specification(1)).status()).isEqualTo(SweepStatus.CANCELLED);
    }

    @Test
    void jobsThatFailedTryAgainWhenAsked() {
        submit(specification(2));
        var first = nextSubmission();
        var second = nextSubmission();
        over(first, JobStatus.FAILED);
        over(second, JobStatus.SUCCEEDED);
        awaitEnd();

        assertThat(ask(Sweep.Retry::new).status()).isEqualTo(SweepStatus.RUNNING);
        listeners.put(
                first,
                jobs.expectMessageClass(Job.Retry.class, Duration.ofSeconds(20)).replyTo());
        over(first, JobStatus.SUCCEEDED);
        awaitEnd();
        assertThat(ask(Sweep.Retry::new).status()).isEqualTo(SweepStatus.ENDED);
    }

    /** After a crash the jobs are submitted again, in order, and answer with where they are. */
    @Test
    void aSweepGoesOnAfterACrash() {
        submit(specification(3));
        var first = nextSubmission();
        var second = nextSubmission();
        KIT.stop(sweep);
        sweep = spawn();
        assertThat(nextSubmission()).isEqualTo(first);
        assertThat(nextSubmission()).isEqualTo(second);
        over(first, JobStatus.SUCCEEDED);
        var third = nextSubmission();
        over(second, JobStatus.SUCCEEDED);
        over(third, JobStatus.SUCCEEDED);
        awaitEnd();
    }

    /** The story: its last word was not stored, its actor restarted inside the same object, and nothing asked again. */
    @Test
    void aSweepWhoseWriteFailedEnds() {
        submit(specification(1));
        var only = nextSubmission();
        JOURNAL.failNextPersisted(Sweep.TYPE.name() + "|" + id);
        answer(only, JobStatus.SUCCEEDED, 0);

        await().atMost(LIMIT).untilAsserted(() -> {
            var probe = KIT.<Sweep.ViewReply>createTestProbe();
            sweep.tell(new Sweep.GetView(probe.getRef()));
            TIME.timePasses(Duration.ofMillis(250));
            var seen = probe.receiveMessage(Duration.ofMillis(500)).view();
            assertThat(seen.jobs().getFirst().status()).isEqualTo(JobStatus.QUEUED);
        });
        assertThat(nextSubmission()).isEqualTo(only);
        over(only, JobStatus.SUCCEEDED);

        awaitEnd();
    }

    /** A job may be over and deleted between two questions, and its id is given once. */
    @Test
    void aJobThatWasDeletedDoesNotKeepItsSweepFromEnding() {
        submit(specification(1));
        tell(nextSubmission(), JobStatus.RUNNING, 3);
        view();
        TIME.timePasses(Duration.ofSeconds(1));
        jobs.expectMessageClass(Job.GetView.class, LIMIT).replyTo().tell(new Job.ViewReply(null));
        await().atMost(LIMIT).until(() -> view().jobs().getFirst().status() == JobStatus.QUEUED);
        TIME.timePasses(Duration.ofSeconds(1));
        jobs.expectMessageClass(Job.Submit.class, LIMIT).replyTo().tell(new Job.ViewReply(null));

        awaitEnd();
        assertThat(view().jobs().getFirst().status()).isEqualTo(JobStatus.CANCELLED);
    }

    /** Submitted again it is the same sweep; with more cells only the new jobs are started. */
    @Test
    void submittedAgainItTakesFurtherCells() {
        submit(specification(1));
        over(nextSubmission(), JobStatus.SUCCEEDED);
        assertThat(submit(specification(1)).status()).isEqualTo(SweepStatus.ENDED);
        jobs.expectNoMessage(Duration.ZERO);

        assertThat(submit(specification(2)).status()).isEqualTo(SweepStatus.RUNNING);
        over(nextSubmission(), JobStatus.SUCCEEDED);
        awaitEnd();
        assertThat(view().cells()).hasSize(2);
    }

    @Test
    void whoFollowsIsToldOfWhatChangesAndOfNothingElse() {
        submit(specification(1));
        var only = nextSubmission();
        var follower = KIT.<Sweep.ViewReply>createTestProbe();
        sweep.tell(new Sweep.Follow(follower.getRef()));
        sweep.tell(new Sweep.Follow(follower.getRef()));
        assertThat(follower.receiveMessage(LIMIT)
                        .view()
                        .jobs()
                        .getFirst()
                        .counts()
                        .succeeded())
                .isZero();
        TIME.expectNoMessageFor(Duration.ofSeconds(1), follower);

        tell(only, JobStatus.RUNNING, 4);
        view();
        TIME.timePasses(Duration.ofMillis(250));
        assertThat(follower.receiveMessage(LIMIT)
                        .view()
                        .jobs()
                        .getFirst()
                        .counts()
                        .running())
                .isEqualTo(4);
        tell(only, JobStatus.RUNNING, 4);
        view();
        TIME.expectNoMessageFor(Duration.ofMillis(500), follower);
        over(only, JobStatus.SUCCEEDED);
        awaitEnd();
        TIME.timePasses(Duration.ofMillis(250));
        assertThat(follower.receiveMessage(LIMIT).view().status()).isEqualTo(SweepStatus.ENDED);
    }

    /** After a restart of a cancelled sweep, jobs that were never accepted do not keep it busy. */
    @Test
    void jobsThatWereNeverAcceptedAreOverOnceTheSweepIsCancelled() {
        submit(specification(3));
        nextSubmission();
        nextSubmission();
        ask(Sweep.Cancel::new);
        KIT.stop(sweep);
        sweep = spawn();
        TIME.timePasses(Duration.ofMillis(1));
        for (int question = 0; question < 2 * 3; question++) {
            jobs.expectMessageClass(Job.Cancel.class, LIMIT).replyTo().tell(new Job.ViewReply(null));
        }
        await().atMost(LIMIT).until(() -> view().jobs().stream().allMatch(job -> job.status() == JobStatus.CANCELLED));
        TIME.timePasses(Duration.ofSeconds(1));
        view();
        TIME.timePasses(Duration.ofSeconds(5));
        view();
        jobs.expectNoMessage(Duration.ZERO);
    }

    @Test
    void anUnknownSweepIsUnknown() {
        assertThat(view()).isNull();
        assertThat(ask(Sweep.Pause::new)).isNull();
    }

    // ---- steps

    private SweepSpecification specification(int seeds) {
        var set = new DataSet(
                "set",
                "abc",
                "math",
                null,
                IntStream.range(0, PROBLEMS)
                        .mapToObj(problem -> new DataSet.Item("p" + problem, "What?", "1", Map.of()))
                        .toList());
        var grid = new Grid(
                List.of(set),
                List.of("bundled"),
                List.of("bundled"),
                List.of(0.8),
                List.of(new Variant(ParticleFilterSettings.standard(), Map.of())),
                LongStream.range(0, seeds).boxed().toList(),
                Sampling.atTemperature(0.8),
                new Limits(40, 512, 8192),
                List.of("\n\n"));
        return new SweepSpecification(id, id, "{}", List.of(set), grid.expand(id), List.of(), List.of());
    }

    private SweepView submit(SweepSpecification specification) {
        return ask(replyTo -> new Sweep.Submit(specification, replyTo));
    }

    private SweepView view() {
        return ask(Sweep.GetView::new);
    }

    private SweepView ask(Function<ActorRef<Sweep.ViewReply>, Sweep.Command> command) {
        var probe = KIT.<Sweep.ViewReply>createTestProbe();
        sweep.tell(command.apply(probe.getRef()));
        return probe.receiveMessage(Duration.ofSeconds(20)).view();
    }

    private String nextSubmission() {
        var submission = jobs.expectMessageClass(Job.Submit.class, Duration.ofSeconds(20));
        listeners.put(submission.specification().id(), submission.replyTo());
        return submission.specification().id();
    }

    /** The next job submitted, whatever is asked meanwhile. */
    private String submissionAmongQuestions() {
        while (true) {
            if (jobs.receiveMessage(Duration.ofSeconds(20)) instanceof Job.Submit submission
                    && listeners.put(submission.specification().id(), submission.replyTo()) == null) {
                return submission.specification().id();
            }
        }
    }

    /** A job answers a question once; the only job of a sweep may be asked again. */
    private ActorRef<Job.ViewReply> answerTo(String job) {
        var listener = listeners.remove(job);
        if (listener != null) {
            return listener;
        }
        TIME.timePasses(Duration.ofSeconds(1));
        while (true) {
            if (jobs.receiveMessage(LIMIT) instanceof Job.GetView(var replyTo)) {
                return replyTo;
            }
        }
    }

    private void over(String job, JobStatus status) {
        tell(job, status, 0);
    }

    private void tell(String job, JobStatus status, int running) {
        answer(job, status, running);
        await().atMost(LIMIT)
                .until(() -> line(job).status() == status && line(job).counts().running() == running);
    }

    private void answer(String job, JobStatus status, int running) {
        int failed = status == JobStatus.FAILED ? 1 : 0;
        answerTo(job)
                .tell(new Job.ViewReply(new JobView(
                        job,
                        status,
                        new JobView.Counts(PROBLEMS, 0, running, PROBLEMS - running - failed, failed, 0),
                        ParticleFilterSettings.standard(),
                        "bundled",
                        "bundled",
                        0,
                        1,
                        running > 0 ? null : 2L,
                        Map.of(),
                        null,
                        null,
                        List.of(),
                        null)));
    }

    private SweepView.JobLine line(String job) {
        return view().jobs().stream()
                .filter(line -> line.id().equals(job))
                .findFirst()
                .orElseThrow();
    }

    private void awaitEnd() {
        await().atMost(LIMIT).until(() -> view().status() == SweepStatus.ENDED);
    }
}
