package cloudchamber.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.dispatch.DispatchSettings;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.policy.PolicyWorker;
import cloudchamber.policy.simulated.SimulatedPolicy;
import cloudchamber.prm.PrmWorker;
import cloudchamber.prm.simulated.SimulatedPrm;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.FiniteLanguage.Hmm;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs, problems, dispatch and workers together, in a cluster of one node. */
class ClusterTest {
    private static final FiniteLanguage LANGUAGE =
            new Hmm(List.of(.6, .4), List.of(List.of(.7, .3), List.of(.2, .8)), List.of(.9, .2), 4);
    private static final ActorTestKit KIT = ActorTestKit.create(
            ConfigFactory.parseString("""
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical.hostname = "127.0.0.1"
                    pekko.remote.artery.canonical.port = 0
                    pekko.cluster.jmx.enabled = off
                    pekko.cluster.sharding.passivation.strategy = none
                    pekko.persistence.journal.plugin = "cloudchamber.journal.events"
                    pekko.persistence.snapshot-store.plugin = "cloudchamber.journal.snapshots"
                    cloudchamber.journal.directory = "%s"
                    """.formatted(directory())).withFallback(ConfigFactory.load()));

    private static Path directory() {
        try {
            return Files.createTempDirectory("cloudchamber-test-");
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static ClusterSharding sharding;

    @BeforeAll
    static void start() {
        var system = KIT.system();
        var cluster = Cluster.get(system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        var config = system.settings().config();
        var dispatcher = KIT.spawn(Dispatcher.create(
                DispatchSettings.from(config),
                Placement.leastCost(),
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())));
        var admission =
                KIT.spawn(Admission.create(100, dispatcher, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())));
        sharding = ClusterSharding.get(system);
        sharding.init(Entity.of(
                Problem.TYPE,
                entity -> Problem.create(
                        entity.getEntityId(), dispatcher, entity.getShard(), System::currentTimeMillis)));
        sharding.init(Entity.of(
                Job.TYPE,
                entity -> Job.create(
                        entity.getEntityId(),
                        JobSettings.from(config),
                        sharding,
                        admission,
                        entity.getShard(),
                        Questions.of(ReadModel.get(system)),
                        System::currentTimeMillis)));
        startPrm();
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    /** Promise 3: results depend neither on the number of workers nor on one that stops with leases in its hands. */
    @Test
    void resultsDependOnNeitherPlacementNorFaults() {
        var alone = startPolicy(1);
        var expected = run("alone");
        var many = List.of(startPolicy(2), startPolicy(3));
        assertThat(run("many")).isEqualTo(expected);

        submit("faulty");
        KIT.stop(many.getFirst());
        KIT.stop(alone);

        assertThat(results("faulty")).isEqualTo(expected);
        KIT.stop(many.getLast());
    }

    /** Ids are the client's, whatever stands in them. */
    private static final List<String> PROBLEMS = List.of("p1", "p|2", "a/b c", "β");

    private static List<ProblemView> run(String job) {
        submit(job);
        return results(job);
    }

    private static void submit(String job) {
        var questions = PROBLEMS.stream()
                .map(id -> new JobSpecification.Question(id, Prompt.question("?")))
                .toList();
        var specification = new JobSpecification(
                job,
                questions,
                ParticleFilterSettings.standard().withParticles(8),
                "policy",
                "prm",
                Sampling.atTemperature(1),
                new Limits(10, 1, 100),
                List.of("\n\n"),
                7,
                "text");
        var reply = KIT.createTestProbe(Job.ViewReply.class);
        sharding.entityRefFor(Job.TYPE, job).tell(new Job.Submit(specification, reply.getRef()));
        reply.receiveMessage(PATIENCE);
    }

    private static List<ProblemView> results(String job) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(view(job).status()).isEqualTo(JobStatus.SUCCEEDED));
        return PROBLEMS.stream()
                .map(problem -> withoutCost(problem(job, problem)))
                .toList();
    }

    private static JobView view(String job) {
        var reply = KIT.createTestProbe(Job.ViewReply.class);
        sharding.entityRefFor(Job.TYPE, job).tell(new Job.GetView(reply.getRef()));
        return reply.receiveMessage(PATIENCE).view();
    }

    private static ProblemView problem(String job, String problem) {
        var reply = KIT.createTestProbe(Problem.ViewReply.class);
        sharding.entityRefFor(Problem.TYPE, Problem.entityId(job, problem)).tell(new Problem.GetView(reply.getRef()));
        return reply.receiveMessage(PATIENCE).view();
    }

    private static ProblemView withoutCost(ProblemView view) {
        return new ProblemView(
                view.id(),
                view.status(),
                view.question(),
                view.answer(),
                view.posterior(),
                view.logEvidence(),
                view.noEvidence(),
                view.rounds(),
                view.particles(),
                null,
                view.failure(),
                view.stopped(),
                view.numericsClasses());
    }

    private static ActorRef<?> startPolicy(int slots) {
        return KIT.spawn(PolicyWorker.create(new SimulatedPolicy(model("policy", slots), LANGUAGE, latency()), "here"));
    }

    private static void startPrm() {
        KIT.spawn(PrmWorker.create(new SimulatedPrm(model("prm", 4), LANGUAGE, latency()), "here"));
    }

    private static SimulatedLatency latency() {
        return new SimulatedLatency(Duration.ofMillis(1), 1);
    }

    private static ServedModel model(String name, int slots) {
        return new ServedModel(name, "00", "none", new NumericsClass("simulated", "any", "00", "exact"), slots, 100);
    }
}
