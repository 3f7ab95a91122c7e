package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.job.JobEvent;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.journal.KeyStore.KeyRow;
import cloudchamber.coordinator.journal.KeyStore.SessionRow;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.sweep.SweepEvent;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.serial.NamedCbor;
import cloudchamber.protocol.serial.SerialNameTable;
import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lists and results say, on whatever database. */
abstract class ReadModelContract {
    private static final Cost COST = new Cost(4, 3, 100, 50, 40, 30, 2, 9, 8, 7);

    private final Map<String, Long> numbers = new HashMap<>();
    private ActorSystem<Void> system;
    private Storage storage;
    private Serialization serialization;
    private ReadModel model;
    private KeyStore keys;

    /** The settings of an empty database. */
    abstract Config storage() throws Exception;

    @BeforeEach
    void open() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "read-model", CompatibilityKit.settings(storage()));
        storage = Storage.get(system);
        serialization = SerializationExtension.get(system.classicSystem());
        model = ReadModel.get(system);
        keys = KeyStore.get(system);
    }

    @AfterEach
    void close() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get();
    }

    @Test
    void jobsAreListedNewestFirstAPageAtATimeAndByWhatTheyAre() throws Exception {
        accept("a", 1, Map.of("team", "red"));
        accept("b", 1, Map.of("team", "blue"));
        accept("c", 1, Map.of("team", "red", "stage", "test"));
        count("b", 0, ProblemStatus.SUCCEEDED);

        assertThat(ids(JobFilter.any(), Optional.empty(), 2)).containsExactly("c", "b");
        assertThat(ids(JobFilter.any(), Optional.of("b"), 2)).containsExactly("a");
        assertThat(ids(byStatus("succeeded"), Optional.empty(), 9)).containsExactly("b");
        assertThat(ids(byStatus("queued"), Optional.empty(), 9)).containsExactly("c", "a");
        assertThat(ids(byLabels(Map.of("team", "red")), Optional.empty(), 9)).containsExactly("c", "a");
        assertThat(ids(byLabels(Map.of("team", "red", "stage", "test")), Optional.empty(), 9))
                .containsExactly("c");
        var job = get(model.job("c")).orElseThrow();
        assertThat(job.labels()).containsExactlyInAnyOrderEntriesOf(Map.of("team", "red", "stage", "test"));
        assertThat(((JobEvent.Accepted) job.first()).specification().id()).isEqualTo("c");
        assertThat(get(model.unfinishedJobs())).containsExactlyInAnyOrder("a", "c");
        assertThat(get(model.unfinished())).isEqualTo(new ReadModel.Unfinished(2, 2));
    }

    @Test
    void problemsHaveTheirPlaceTheirStatusAndWhatTheyCameTo() throws Exception {
        accept("job", 4, Map.of());
        start("job", 0, 0);
        end("job", 0, ProblemStatus.SUCCEEDED);
        count("job", 0, ProblemStatus.SUCCEEDED);
        start("job", 2, 0);

        var problems = get(model.problems("job", Optional.empty(), 0, 10));
        assertThat(problems).extracting(ProblemRow::problem).containsExactly("p0", "p1", "p2", "p3");
        assertThat(problems).extracting(ProblemRow::status).containsExactly("succeeded", "queued", "running", "queued");
        assertThat(problems.getFirst().result().answer()).isEqualTo("7");
        assertThat(problems.getFirst().result().policyCalls()).isEqualTo(4);
        assertThat(problems.get(2).result()).isNull();
        assertThat(get(model.problems("job", Optional.of("queued"), 2, 10)))
                .extracting(ProblemRow::problem)
                .containsExactly("p3");
        assertThat(get(model.problem("job", "p2")).orElseThrow().prompt()).isEqualTo(Prompt.question("2?"));
        assertThat(get(model.problem("job", "p9"))).isEmpty();
        assertThat(get(model.total("job")).completionTokens()).isEqualTo(40);
        assertThat(get(model.total("job")).policySlotMillis()).isEqualTo(9);
        assertThat(get(model.total("job")).prmSlotMillis()).isEqualTo(8);
        assertThat(problems.getFirst().result().wastedSlotMillis()).isEqualTo(7);
        var job = get(model.job("job")).orElseThrow();
        assertThat(List.of(job.succeeded(), job.running(), job.total())).containsExactly(1, 1, 4);
    }

    @Test
    void aRetriedProblemRunsAgain() throws Exception {
        accept("job", 1, Map.of());
        start("job", 0, 0);
        end("job", 0, ProblemStatus.FAILED);
        count("job", 0, ProblemStatus.FAILED);
        assertThat(get(model.job("job")).orElseThrow().status()).isEqualTo("failed");

        append("job", "job", new JobEvent.Retried(2, 50));
        assertThat(get(model.problem("job", "p0")).orElseThrow().status()).isEqualTo("queued");
        assertThat(get(model.unfinishedJobs())).containsExactly("job");
        start("job", 0, 1);
        assertThat(get(model.problem("job", "p0")).orElseThrow().attempt()).isOne();
        end("job", 0, ProblemStatus.SUCCEEDED);
        count("job", 0, ProblemStatus.SUCCEEDED);
        assertThat(get(model.job("job")).orElseThrow().status()).isEqualTo("succeeded");
    }

    /** Up to the schema 4 the name of a class stood beside an event. */
    @Test
    void anEndIsFoundUnderEitherOfItsNames() throws Exception {
        var ended = new SweepEvent.Ended(1, 2);
        var names = SerialNameTable.of(system.settings().config(), getClass().getClassLoader());
        var formerName = names.of(SweepEvent.Ended.class).formerNames().getFirst();
        append("sweep", "open", new SweepEvent.Paused(1, 1));
        append("sweep", "ended", new SweepEvent.Paused(1, 1));
        append("sweep", "ended", ended);
        append("sweep", "ended-before", new SweepEvent.Paused(1, 1));
        var now = Stored.of(ended, serialization);
        append(
                "sweep",
                "ended-before",
                ended,
                new Stored(NamedCbor.JACKSON_CBOR_IDENTIFIER, formerName, now.payload(), now.checksum()));

        assertThat(get(model.entitiesBefore("sweep", SweepEvent.Ended.class))).containsExactly("open");
        assertThat(get(model.events("sweep", "ended-before", 1, 9)))
                .extracting(ReadModel.LoggedEvent::event)
                .containsExactly(ended);
    }

    @Test
    void whatRunsOfACancelledJobIsFound() throws Exception {
        accept("job", 2, Map.of());
        start("job", 0, 0);
        append("job", "job", new JobEvent.Cancelled(2, 50));

        assertThat(get(model.orphans())).containsExactly(new ReadModel.Orphan("job", "p0"));
        assertThat(get(model.problem("job", "p1")).orElseThrow().status()).isEqualTo("cancelled");
        end("job", 0, ProblemStatus.CANCELLED);
        assertThat(get(model.orphans())).isEmpty();
    }

    @Test
    void nothingIsLeftOfADeletedJob() throws Exception {
        accept("gone", 1, Map.of("team", "red"));
        accept("kept", 1, Map.of());
        start("gone", 0, 0);
        start("kept", 0, 0);
        append("job", "gone", new JobEvent.Deleted(2, 50));

        assertThat(get(model.events("job", "gone", 0, 9)))
                .as("that it was")
                .extracting(ReadModel.LoggedEvent::event)
                .containsExactly(new JobEvent.Deleted(2, 50));
        assertThat(get(model.events("job", "kept", 0, 9))).hasSize(1);
        assertThat(ids(JobFilter.any(), Optional.empty(), 9)).containsExactly("kept");
        assertThat(get(model.questions("gone", 0, 9))).isEmpty();
        assertThat(get(model.events("problem", Problem.entityId("gone", "p0"), 0, 9)))
                .isEmpty();
        assertThat(get(model.events("problem", Problem.entityId("kept", "p0"), 0, 9)))
                .hasSize(1);
    }

    @Test
    void whatHasEndedLongestComesFirstWithWhatItTakes() throws Exception {
        for (var job : List.of("b", "a", "c")) {
            accept(job, 1, Map.of());
        }
        append("job", "b", new JobEvent.Cancelled(2, 60));
        append("job", "a", new JobEvent.Cancelled(2, 60));

        var ended = get(model.endedJobs(61, Optional.empty(), 9));
        assertThat(ended).extracting(ReadModel.EndedJob::job).containsExactly("a", "b");
        assertThat(ended).allMatch(job -> job.problems() == 1 && job.bytes() > 100);
        assertThat(get(model.endedJobs(60, Optional.empty(), 9))).isEmpty();
        assertThat(get(model.endedJobs(61, Optional.of(ended.getFirst()), 9))).containsExactly(ended.getLast());
    }

    @Test
    void theDatabaseSaysWhatItTakesAndGivesBackWhatItDoesNotNeed() throws Exception {
        accept("job", 2000, Map.of());
        var before = get(model.diskUse());
        append("job", "job", new JobEvent.Deleted(2, 50));
        get(model.compact());

        var after = get(model.diskUse());
        assertThat(before.bytes()).isPositive();
        assertThat(after.database()).isEqualTo(before.database());
        assertThat(after.bytes()).isLessThanOrEqualTo(before.bytes());
        assertThat(after.reusableBytes()).isZero();
        accept("next", 1, Map.of());
    }

    @Test
    void itIsMadeAgainFromTheEvents() throws Exception {
        accept("a", 3, Map.of("team", "red"));
        start("a", 0, 0);
        end("a", 0, ProblemStatus.SUCCEEDED);
        count("a", 0, ProblemStatus.SUCCEEDED);
        start("a", 1, 0);
        end("a", 1, ProblemStatus.FAILED);
        count("a", 1, ProblemStatus.FAILED);
        start("a", 2, 0);
        accept("b", 1, Map.of());
        append("job", "b", new JobEvent.Cancelled(2, 60));
        var before = everything();

        int events = get(storage.writer().alone(connection -> Rebuild.now(connection, serialization)));

        assertThat(events).isEqualTo(10);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aKeyStandsForItsFirstJobUntilItIsForgotten() throws Exception {
        assertThat(get(model.reserve("key", "body", "one", 1000, 0)))
                .isEqualTo(new ReadModel.Reservation("body", "one"));
        assertThat(get(model.reserve("key", "other", "two", 2000, 0)))
                .isEqualTo(new ReadModel.Reservation("body", "one"));
        assertThat(get(model.reserve("key", "other", "two", 9000, 1001)))
                .isEqualTo(new ReadModel.Reservation("other", "two"));
    }

    @Test
    void aTenantSeesItsOwnJobsAlone() throws Exception {
        accept("a", 1, Map.of());
        accept("b", 1, Map.of(), "red");
        accept("c", 1, Map.of(), "blue");
        accept("d", 1, Map.of(), "red");
        var red = JobFilter.any().of("red");

        assertThat(ids(red, Optional.empty(), 9)).containsExactly("d", "b");
        assertThat(ids(red, Optional.of("d"), 9)).containsExactly("b");
        assertThat(ids(red, Optional.of("c"), 9)).isEmpty();
        assertThat(ids(JobFilter.any().of("default"), Optional.empty(), 9)).containsExactly("a");
        assertThat(get(keys.tenantOf("b"))).contains("red");
        assertThat(get(keys.tenantOf("a"))).contains("default");
        assertThat(get(keys.tenantOf("z"))).isEmpty();

        get(storage.writer().alone(connection -> Rebuild.now(connection, serialization)));

        assertThat(ids(red, Optional.empty(), 9)).containsExactly("d", "b");
    }

    @Test
    void whatATenantHasUsedIsSummed() throws Exception {
        accept("a", 1, Map.of(), "red");
        accept("b", 1, Map.of(), "red");
        accept("c", 1, Map.of());
        for (var job : List.of("a", "b", "c")) {
            start(job, 0, 0);
            end(job, 0, ProblemStatus.SUCCEEDED);
        }
        long used = COST.promptTokens() + COST.completionTokens() + COST.prmTokens();

        assertThat(get(keys.tokens(0, Long.MAX_VALUE))).isEqualTo(Map.of("red", 2 * used, "default", used));
        assertThat(get(keys.tokens(0, 1))).isEmpty();
    }

    @Test
    void keysAreKeptUntilTheyAreRevokedAndLonger() throws Exception {
        var one = new KeyRow("key-1", "aa", "night run", "submit", "red", 1, 99L, null);
        var other = new KeyRow("key-2", "bb", "", "admin", "default", 2, null, null);
        get(keys.add(one));
        get(keys.add(other));
        get(keys.addSession(new SessionRow("cc", "key-1", 50), 10));
        get(keys.addSession(new SessionRow("dd", "key-2", 50), 10));

        assertThat(get(keys.keys())).containsExactly(one, other);
        assertThat(get(keys.contents(49)).sessions())
                .extracting(SessionRow::key)
                .containsExactlyInAnyOrder("key-1", "key-2");
        assertThat(get(keys.contents(50)).sessions()).isEmpty();

        var revoked = new KeyRow("key-1", "aa", "night run", "submit", "red", 1, 99L, 20L);
        assertThat(get(keys.revoke("key-1", 20))).contains(revoked);
        assertThat(get(keys.revoke("key-1", 30))).contains(revoked);
        assertThat(get(keys.revoke("key-3", 30))).isEmpty();
        assertThat(get(keys.contents(40)))
                .isEqualTo(new KeyStore.Contents(List.of(revoked, other), List.of(new SessionRow("dd", "key-2", 50))));

        get(keys.removeSession("dd"));
        assertThat(get(keys.contents(40)).sessions()).isEmpty();
    }

    @Test
    void questionsStoredBeforeTheirJobAreItsProblems() throws Exception {
        var questions = IntStream.range(0, 5)
                .mapToObj(number -> new Change.Question("q" + number, Prompt.question(number + "?")))
                .toList();
        get(model.addQuestions("job", 0, questions.subList(0, 3)));
        get(model.addQuestions("job", 3, questions.subList(3, 5)));

        assertThat(get(model.questions("job", 1, 3))).isEqualTo(questions.subList(1, 4));
    }

    // ---- helpers

    private List<Object> everything() throws Exception {
        var all = new ArrayList<Object>();
        for (var job : get(model.jobs(JobFilter.any(), Optional.empty(), 9))) {
            all.add(job);
            all.addAll(get(model.problems(job.id(), Optional.empty(), 0, 9)));
        }
        return all;
    }

    private List<String> ids(JobFilter filter, Optional<String> after, int count) throws Exception {
        return get(model.jobs(filter, after, count)).stream().map(JobRow::id).toList();
    }

    private static JobFilter byStatus(String status) {
        return new JobFilter(
                Optional.empty(), Optional.of(status), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }

    private static JobFilter byLabels(Map<String, String> labels) {
        return new JobFilter(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), labels);
    }

    private void accept(String job, int problems, Map<String, String> labels) throws Exception {
        accept(job, problems, labels, JobSpecification.DEFAULT_TENANT);
    }

    private void accept(String job, int problems, Map<String, String> labels, String tenant) throws Exception {
        var questions = IntStream.range(0, problems)
                .mapToObj(index -> new JobSpecification.Question("p" + index, Prompt.question(index + "?")))
                .toList();
        var specification = new JobSpecification(
                        job,
                        questions,
                        ParticleFilterSettings.standard(),
                        "policy",
                        "prm",
                        Sampling.atTemperature(1),
                        new Limits(3, 8, 80),
                        List.of("\n\n"),
                        7,
                        "text")
                .withLabels(labels)
                .ownedBy(tenant);
        append("job", job, new JobEvent.Accepted(2, specification.withoutProblems(), 10L + numbers.size(), questions));
    }

    private void count(String job, int index, ProblemStatus status) throws Exception {
        append("job", job, new JobEvent.ProblemEnded(2, "p" + index, status, 40, index));
    }

    private void start(String job, int index, int attempt) throws Exception {
        append(
                "problem",
                Problem.entityId(job, "p" + index),
                new ProblemEvent.Started(
                        2,
                        new ProblemSpecification(
                                job,
                                "p" + index,
                                Prompt.question(index + "?"),
                                ParticleFilterSettings.standard(),
                                "policy",
                                "prm",
                                Sampling.atTemperature(1),
                                new Limits(3, 8, 80),
                                List.of("\n\n"),
                                7,
                                "text",
                                index,
                                attempt == 0 ? null : attempt,
                                null,
                                null,
                                null),
                        20));
    }

    private void end(String job, int index, ProblemStatus status) throws Exception {
        append(
                "problem",
                Problem.entityId(job, "p" + index),
                new ProblemEvent.Ended(
                        2,
                        status,
                        status == ProblemStatus.FAILED ? "expected: was" : "",
                        Cost.NONE,
                        30,
                        new ProblemEvent.Summary("7", -3.5, 4, COST)));
    }

    /** As the journal does it. */
    private void append(String kind, String entity, JournalEvent event) throws Exception {
        append(kind, entity, event, Stored.of(event, serialization));
    }

    private void append(String kind, String entity, JournalEvent event, Stored stored) throws Exception {
        var id = kind + "|" + entity;
        var writes = new ArrayList<Statement.Write>();
        writes.add(Statement.APPEND.with(
                id,
                numbers.merge(id, 1L, Long::sum),
                0L,
                "writer",
                "",
                stored.serializerId(),
                stored.manifest(),
                stored.payload(),
                stored.checksum()));
        writes.addAll(Changes.of(id, event));
        get(storage.writer().write(writes));
    }

    private static <T> T get(CompletionStage<T> stage) throws InterruptedException, ExecutionException {
        return stage.toCompletableFuture().get();
    }
}
