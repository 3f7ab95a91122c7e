package cloudchamber.coordinator.journal;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobEvent;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.job.Waiting;
import cloudchamber.coordinator.method.Choice;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.DataSetEvent;
import cloudchamber.coordinator.sweep.DataSets;
import cloudchamber.coordinator.sweep.Grid;
import cloudchamber.coordinator.sweep.Sweep;
import cloudchamber.coordinator.sweep.SweepEvent;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.PotentialSource;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import cloudchamber.protocol.wire.GoldenFiles;
import cloudchamber.protocol.wire.WireMessage;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a journal keeps is frozen, byte for byte: a later version must read it. */
class JournalFormatTest {
    private static final ActorSystem<Void> SYSTEM = ActorSystem.create(
            Behaviors.empty(),
            "golden",
            ConfigFactory.parseString("pekko.actor.provider = local").withFallback(ConfigFactory.load()));
    private static final GoldenFiles GOLDEN = new GoldenFiles(SYSTEM);
    private static final String LABELLED = "job-accepted-labelled";
    private static final Set<String> WITH_MAPS = Set.of(
            LABELLED, "sweep-accepted", "sweep-accepted-ends", "data-set-registered", "data-set-registered-extraction");
    private static final Cost COST = new Cost(1, 2, 3, 4, 5, 6, 5_000_000_000L);
    private static final ParticleFilterSettings METHOD = new ParticleFilterSettings(
            4,
            Target.FINAL_LOG,
            Resampling.SYSTEMATIC_SHUFFLED,
            .5,
            new TemperatureSchedule(2, .5, 8),
            Aggregation.MODEL,
            Selection.BEST_SCORE,
            1,
            PotentialSource.PRM,
            false);
    private static final Thinking THINKING = new Thinking(2048, true);
    private static final List<String> CLASSES = List.of("b4916/avx2/00ff/exact", "v0.5.0/haswell/00ff/exact");
    private static final Prompt PROMPT = new Prompt(List.of(
            new Message(Message.Role.SYSTEM, "Answer in steps."), new Message(Message.Role.USER, "Evaluate 3 + 4.")));

    @AfterAll
    static void stop() {
        SYSTEM.terminate();
    }

    private static final Extraction FOUND = Extraction.of("hashes").cutAt(List.of("\n\nQ:"));

    static Map<String, JournalEvent> events() {
        return Map.ofEntries(
                entry(
                        "problem-ended-slots",
                        new ProblemEvent.Ended(
                                2,
                                ProblemStatus.SUCCEEDED,
                                "",
                                Cost.NONE,
                                1_700_000_000_008L,
                                new ProblemEvent.Summary(
                                        "7", -3.5, 4, new Cost(1, 2, 3, 4, 5, 6, 7, 8, 9, 5_000_000_000L)))),
                entry("problem-started", new ProblemEvent.Started(1, problem(), 1_700_000_000_000L)),
                entry("problem-round-closed", new ProblemEvent.Advanced(1, roundClosed(), 1_700_000_000_001L)),
                entry(
                        "problem-run-stopped",
                        new ProblemEvent.Advanced(
                                1,
                                new MethodEvent.RunStopped(
                                        MethodEvent.RunStopped.Reason.DEADLINE,
                                        "expected: was",
                                        List.of(new Choice(Purpose.SELECT, 0, 0, List.of(1)))),
                                1_700_000_000_006L)),
                entry("problem-run-failed", new ProblemEvent.Advanced(1, runFailed(), 1_700_000_000_002L)),
                entry(
                        "problem-ended",
                        new ProblemEvent.Ended(
                                1, ProblemStatus.FAILED, "expected: was", COST, 1_700_000_000_003L, null)),
                entry("job-accepted", new JobEvent.Accepted(1, job(), 1_700_000_000_000L, List.of())),
                entry(
                        "job-problem-ended",
                        new JobEvent.ProblemEnded(1, "p/1", ProblemStatus.SUCCEEDED, 1_700_000_000_004L, null)),
                entry("job-cancelled", new JobEvent.Cancelled(1, 1_700_000_000_005L)),
                entry("problem-started-2", new ProblemEvent.Started(2, secondAttempt(), 1_700_000_000_007L)),
                entry(
                        "problem-ended-2",
                        new ProblemEvent.Ended(
                                2,
                                ProblemStatus.SUCCEEDED,
                                "",
                                COST,
                                1_700_000_000_008L,
                                new ProblemEvent.Summary("7", -3.5, 4, COST))),
                entry(
                        "job-accepted-2",
                        new JobEvent.Accepted(2, job().withoutProblems(), 1_700_000_000_009L, List.of())),
                entry(
                        LABELLED,
                        new JobEvent.Accepted(
                                2,
                                job().withLabels(Map.of("team", "a")).withoutProblems(),
                                1_700_000_000_009L,
                                List.of())),
                entry("problem-started-budget", new ProblemEvent.Started(2, withBudget(), 1_700_000_000_007L)),
                entry(
                        "job-accepted-budget",
                        new JobEvent.Accepted(
                                2,
                                job().within(new Budget(5_000_000_000L, 1.5), .25)
                                        .withoutProblems(),
                                1_700_000_000_009L,
                                List.of())),
                entry(
                        "job-accepted-tenant",
                        new JobEvent.Accepted(
                                2, job().ownedBy("night").withoutProblems(), 1_700_000_000_009L, List.of())),
                entry(
                        "job-problem-ended-2",
                        new JobEvent.ProblemEnded(2, "p/1", ProblemStatus.FAILED, 1_700_000_000_010L, 7)),
                entry("problem-started-numerics", new ProblemEvent.Started(2, ofOneClass(), 1_700_000_000_013L)),
                entry(
                        "problem-round-closed-numerics",
                        new ProblemEvent.Advanced(2, roundClosed(), 1_700_000_000_014L, CLASSES)),
                entry(
                        "job-accepted-extraction",
                        new JobEvent.Accepted(
                                2, job().withExtraction(FOUND).withoutProblems(), 1_700_000_000_015L, List.of())),
                entry(
                        "problem-started-extraction",
                        new ProblemEvent.Started(2, problem().withExtraction(FOUND), 1_700_000_000_016L)),
                entry(
                        "data-set-registered-extraction",
                        new DataSetEvent.Registered(
                                1, dataSet().withExtraction(Extraction.matching("= (.*)")), 1_700_000_000_017L)),
                entry(
                        "job-accepted-numerics",
                        new JobEvent.Accepted(
                                2, job().computedBy("b4916/avx2").withoutProblems(), 1_700_000_000_015L, List.of())),
                entry(
                        "job-problem-ended-numerics",
                        new JobEvent.ProblemEnded(2, "p/1", ProblemStatus.SUCCEEDED, 1_700_000_000_016L, 7, CLASSES)),
                entry(
                        "problem-started-ends",
                        new ProblemEvent.Started(
                                2, problem().withParticles(EndAtAnswer.NEVER, THINKING), 1_700_000_000_019L)),
                entry(
                        "job-accepted-ends",
                        new JobEvent.Accepted(
                                2,
                                job().withParticles(EndAtAnswer.FINAL_LINE, THINKING)
                                        .withoutProblems(),
                                1_700_000_000_020L,
                                List.of())),
                entry(
                        "sweep-accepted-ends",
                        new SweepEvent.Accepted(1, sweep(EndAtAnswer.NEVER, THINKING), 1_700_000_000_021L)),
                entry("job-retried", new JobEvent.Retried(2, 1_700_000_000_011L)),
                entry("job-deleted", new JobEvent.Deleted(2, 1_700_000_000_012L)),
                entry("sweep-accepted", new SweepEvent.Accepted(1, sweep(), 1_700_000_000_013L)),
                entry("sweep-paused", new SweepEvent.Paused(1, 1_700_000_000_014L)),
                entry("sweep-resumed", new SweepEvent.Resumed(1, 1_700_000_000_015L)),
                entry("sweep-cancelled", new SweepEvent.Cancelled(1, 1_700_000_000_016L)),
                entry("sweep-ended", new SweepEvent.Ended(1, 1_700_000_000_017L)),
                entry("data-set-registered", new DataSetEvent.Registered(1, dataSet(), 1_700_000_000_018L)));
    }

    private static DataSet dataSet() {
        return new DataSet(
                "sums",
                "5e".repeat(32),
                "math",
                "Answer in steps.",
                List.of(
                        new DataSet.Item("a", "Evaluate 3 + 4.", "7", Map.of("level", "1")),
                        new DataSet.Item("β", "Evaluate 1 / 2.", "\\frac{1}{2}", Map.of())));
    }

    private static SweepSpecification sweep() {
        return sweep(EndAtAnswer.AT_MARK, Thinking.FREE);
    }

    private static SweepSpecification sweep(EndAtAnswer end, Thinking thinking) {
        var plan = new Grid(
                        List.of(dataSet()),
                        List.of("bundled"),
                        List.of("bundled"),
                        List.of(.8),
                        List.of(
                                new Grid.Variant(METHOD, Map.of("target", "final-log")),
                                new Grid.Variant(new SelfConsistencySettings(2), Map.of()),
                                new Grid.Variant(new BestOfNSettings(4, Aggregation.LAST), Map.of())),
                        List.of(7L),
                        Sampling.atTemperature(.8),
                        new Limits(40, 512, 4096),
                        List.of("\n\n"),
                        end,
                        thinking,
                        thinking.equals(Thinking.FREE) ? null : "{\"enable_thinking\":false}")
                .expand("night");
        return new SweepSpecification(
                "night",
                "Night",
                "{\"dataSets\":[\"sums\"]}",
                List.of(dataSet()),
                plan,
                List.of(new SweepSpecification.Skipped("dvts", 1, "expected: was")),
                List.of(new SweepSpecification.Reference("a paper", .75, "Table 1")));
    }

    @ParameterizedTest
    @MethodSource("names")
    void eventIsWrittenAndReadAsEver(String name) {
        GOLDEN.assertFrozen(name, events().get(name));
    }

    @ParameterizedTest
    @MethodSource("namesOfRecords")
    void fieldsOfALaterVersionAreIgnored(String name) {
        GOLDEN.assertReadWithMoreFields(events().get(name));
    }

    static Stream<String> names() {
        return events().keySet().stream().sorted();
    }

    /** Labels, tags and axes are maps, where a field more is an entry more. */
    static Stream<String> namesOfRecords() {
        return names().filter(name -> !WITH_MAPS.contains(name));
    }

    /** A line for each kind of event: a golden file, and the name of the class that stood beside it in the schema 4. */
    static List<String> formerManifests() throws IOException {
        return Files.readAllLines(Path.of("src", "test", "resources", "golden", "manifests-of-schema-4.txt"));
    }

    @ParameterizedTest
    @MethodSource("formerManifests")
    void eventsOfTheSchema4AreReadByTheNamesOfTheirClasses(String line) throws IOException {
        var name = line.split("\t")[0];
        var bytes = GoldenFiles.bytes(name);
        var checksum = new CRC32C();
        checksum.update(bytes);
        var stored = new Stored(33, line.split("\t")[1], bytes, checksum.getValue());

        assertThat(stored.read(SerializationExtension.get(Adapter.toClassic(SYSTEM)), name))
                .isEqualTo(events().get(name));
    }

    @Test
    void everyKindOfEventHadAName() throws IOException {
        var kinds = events().values().stream()
                .map(Object::getClass)
                .map(Class::getName)
                .collect(Collectors.toSet());
        var named = formerManifests().stream()
                .map(line -> events().get(line.split("\t")[0]).getClass().getName())
                .collect(Collectors.toSet());

        assertThat(named).isEqualTo(kinds);
    }

    @Test
    void everyKindOfEventIsFrozen() {
        var kinds = events().values().stream()
                .flatMap(event ->
                        event instanceof ProblemEvent.Advanced(var schema, var inside, var atMillis, var classes)
                                ? Stream.of(event, inside)
                                : Stream.of(event))
                .map(Object::getClass)
                .collect(Collectors.<Class<?>>toSet());
        var frozen = Stream.of(
                        ProblemEvent.class, JobEvent.class, SweepEvent.class, DataSetEvent.class, MethodEvent.class)
                .flatMap(kind -> Arrays.stream(kind.getPermittedSubclasses()))
                .toList();

        assertThat(kinds).containsExactlyInAnyOrderElementsOf(frozen);
    }

    static Stream<WireMessage> messagesBetweenCoordinators() {
        return Stream.of(
                new Problem.Start(problem(), nobody()),
                new Problem.GetView(nobody()),
                new Problem.Cancel(),
                new Problem.Over("job-1", "p/1", ProblemStatus.CANCELLED, 1),
                new Problem.Over("job-1", "p/1", ProblemStatus.SUCCEEDED, 0, CLASSES),
                new Problem.ViewReply(null),
                new Problem.ViewReply(problemView()),
                new Job.Submit(job(), nobody()),
                new Job.Store(3, job().problems(), nobody()),
                new Job.Stored(null),
                new Job.Stored("the disk is full"),
                new Job.GetView(nobody()),
                new Job.Cancel(nobody()),
                new Job.Wake(),
                new Job.Retry(nobody()),
                new Job.Delete(nobody()),
                new Job.ViewReply(null),
                new Job.ViewReply(jobView()),
                new Sweep.GetView(nobody()),
                new Sweep.GetSpecification(nobody()),
                new Sweep.Follow(nobody()),
                new Sweep.Pause(nobody()),
                new Sweep.Resume(nobody()),
                new Sweep.Cancel(nobody()),
                new Sweep.Retry(nobody()),
                new Sweep.ViewReply(null),
                new Sweep.SpecificationReply(null),
                new DataSets.GetList(nobody()),
                new DataSets.GetPart("sums", 1, nobody()),
                new DataSets.PutReply(DataSets.PutResult.OUT_OF_ORDER),
                new DataSets.ListReply(List.of(dataSet().summary())),
                new DataSets.PartReply(null, List.of()));
    }

    @ParameterizedTest
    @MethodSource("messagesBetweenCoordinators")
    void messageBetweenCoordinatorsSurvivesTheWire(WireMessage message) {
        GOLDEN.assertReadWithMoreFields(message);
    }

    private static MethodEvent.RoundClosed roundClosed() {
        var step = new Step("3 + 4 = 7\n\n", List.of(1, 151_935), StepEnd.STEP, StepLimit.NONE, -0.1, 2);
        return new MethodEvent.RoundClosed(
                3,
                List.of(
                        new Node(7, 2, 2, step, List.of(-36.04365338911715, Double.POSITIVE_INFINITY)),
                        new Node(8, 0, 1, step.asEnd(), List.of(Double.NEGATIVE_INFINITY)),
                        new Node(9, 0, 1, step.cutBy(StepLimit.PARTICLE_TOKENS), List.of())),
                List.of(
                        new Population(
                                0,
                                1,
                                List.of(7, 8, 8, 9),
                                List.of(-0.0, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, -Double.MAX_VALUE),
                                .5,
                                1.0000000000000002,
                                true,
                                List.of(0, 0, 2, 3),
                                List.of(0.0, 0.0, 0.0, 0.0),
                                -3.5),
                        new Population(1, 0, List.of(9), List.of(0.0), 1, 1, false, List.of(0), List.of(0.0), null)),
                List.of(
                        new Choice(Purpose.SELECT, 0, 0, List.of(2)),
                        new Choice(Purpose.SWAP, 0, 1, List.of(1)),
                        new Choice(Purpose.REFERENCE, 1, 1, List.of())),
                COST);
    }

    private static RunFailed runFailed() {
        return new RunFailed(RunFailed.Category.ALL_PARTICLES_DEAD, "at least one must live: none did");
    }

    private static ProblemSpecification problem() {
        return new ProblemSpecification(
                "job-1",
                "p/1",
                PROMPT,
                METHOD,
                "bundled",
                "judge:smollm2-135m",
                new Sampling(.8, 40, .95, .05),
                new Limits(40, 512, 4096),
                List.of("\n\n"),
                Long.MIN_VALUE,
                "math",
                1_700_000_000_000L << 20 | 7);
    }

    private static ProblemSpecification secondAttempt() {
        var first = problem();
        return new ProblemSpecification(
                first.job(),
                first.problem(),
                first.prompt(),
                first.method(),
                first.policy(),
                first.prm(),
                first.sampling(),
                first.limits(),
                first.stops(),
                first.seed(),
                first.grader(),
                first.order(),
                1,
                null,
                null,
                null);
    }

    private static ProblemSpecification withBudget() {
        var first = problem();
        return new ProblemSpecification(
                first.job(),
                first.problem(),
                first.prompt(),
                first.method(),
                first.policy(),
                first.prm(),
                first.sampling(),
                first.limits(),
                first.stops(),
                first.seed(),
                first.grader(),
                first.order(),
                null,
                new Budget(7L, null),
                4.0,
                null);
    }

    private static ProblemSpecification ofOneClass() {
        var first = problem();
        return new ProblemSpecification(
                first.job(),
                first.problem(),
                first.prompt(),
                first.method(),
                first.policy(),
                first.prm(),
                first.sampling(),
                first.limits(),
                first.stops(),
                first.seed(),
                first.grader(),
                first.order(),
                null,
                null,
                null,
                "b4916/avx2");
    }

    private static JobSpecification job() {
        return new JobSpecification(
                "job-1",
                List.of(
                        new JobSpecification.Question("p/1", PROMPT),
                        new JobSpecification.Question("β", Prompt.question("Evaluate 1 + 1."))),
                METHOD,
                "bundled",
                "bundled",
                Sampling.atTemperature(.8),
                new Limits(40, 512, 4096),
                List.of("\n\n"),
                7,
                "exact");
    }

    private static ProblemView problemView() {
        return new ProblemView(
                "p/1",
                ProblemStatus.SUCCEEDED,
                "Evaluate 3 + 4.",
                null,
                List.of(new ProblemView.PosteriorWeight(null, .25), new ProblemView.PosteriorWeight("7", .75)),
                null,
                "it is not defined",
                List.of(new ProblemView.Round(3, 1, 2, 1.5, true, Double.NEGATIVE_INFINITY, List.of(0, 0))),
                List.of(new ProblemView.Particle(
                        null, null, List.of(new ProblemView.StepView("3 + 4", null, StepEnd.TRUNCATED)))),
                new ProblemView.CostView(1, 2, 3, 4, 5, 6, 7, 8),
                null,
                MethodEvent.RunStopped.Reason.DEADLINE,
                CLASSES);
    }

    private static JobView jobView() {
        return new JobView(
                "job-1",
                JobStatus.RUNNING,
                new JobView.Counts(6, 1, 1, 2, 1, 1),
                METHOD,
                "bundled",
                "bundled",
                7,
                1_700_000_000_000L,
                null,
                Map.of(),
                "b4916/avx2",
                null,
                CLASSES,
                List.of(new Waiting("policy bundled", 1_700_000_000_001L, "connection refused")));
    }

    private static <T> ActorRef<T> nobody() {
        return SYSTEM.deadLetters();
    }
}
