package cloudchamber.coordinator.http;

import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Router;
import cloudchamber.coordinator.job.Admission;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSettings;
import cloudchamber.coordinator.job.Questions;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.coordinator.sweep.DataSets;
import cloudchamber.coordinator.sweep.Sweep;
import cloudchamber.coordinator.sweep.SweepSettings;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.http.javadsl.ServerBinding;

/** A cluster of one node with real jobs and problems, before a scripted dispatcher; one problem of a job runs at once. */
final class TestNode implements AutoCloseable {
    static final int MAX_CONTENT_LENGTH_BYTES = 64 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_QUESTION_CHARACTERS = 1000;

    private final Path directory;
    private final ActorTestKit kit;
    private final ClusterSharding sharding;
    private final ActorRef<Dispatcher.Command> dispatcher;

    TestNode(String name) {
        this(name, Map.of());
    }

    /** @param settings of its own, by their paths */
    TestNode(String name, Map<String, ?> settings) {
        directory = newDirectory();
        kit = ActorTestKit.create(
                name,
                ConfigFactory.parseMap(settings)
                        .withFallback(ConfigFactory.parseString("""
                        pekko.actor.provider = cluster
                        pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                        pekko.cluster.roles = [coordinator]
                        pekko.cluster.jmx.multi-mbeans-in-same-jvm = on
                        pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes = off
                        pekko.coordinated-shutdown { exit-jvm = off, run-by-actor-system-terminate = off }
                        pekko.cluster { gossip-interval = 100 ms, leader-actions-interval = 100 ms }
                        pekko.cluster.sharding.retry-interval = 200 ms
                        pekko.persistence.journal.plugin = "cloudchamber.journal.events"
                        pekko.persistence.snapshot-store.plugin = "cloudchamber.journal.snapshots"
                        cloudchamber.journal.directory = "%s"
                        pekko.loglevel = WARNING
                        """.formatted(directory)))
                        .withFallback(ConfigFactory.load()));
        ActorSystem<?> system = kit.system();
        var cluster = Cluster.get(system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        await().atMost(PATIENCE).until(() -> cluster.selfMember().status().equals(MemberStatus.up()));
        dispatcher = kit.spawn(ScriptedDispatcher.create());
        var admission = kit.spawn(Admission.create(Integer.MAX_VALUE, dispatcher, System::currentTimeMillis));
        sharding = ClusterSharding.get(system);
        sharding.init(Entity.of(
                Job.TYPE,
                context -> Job.create(
                        context.getEntityId(),
                        new JobSettings(1, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Optional.empty()),
                        sharding,
                        admission,
                        context.getShard(),
                        Questions.of(ReadModel.get(system)),
                        System::currentTimeMillis)));
        sharding.init(Entity.of(
                Problem.TYPE,
                context -> Problem.create(
                        context.getEntityId(), dispatcher, context.getShard(), System::currentTimeMillis)));
        sharding.init(
                Entity.of(DataSets.TYPE, context -> DataSets.create(context.getEntityId(), System::currentTimeMillis)));
        sharding.init(Entity.of(
                Sweep.TYPE,
                context -> Sweep.create(
                        context.getEntityId(), new SweepSettings(100), sharding, System::currentTimeMillis)));
    }

    /** What the entity of a problem says of it. */
    ProblemView problem(String job, String problem) {
        var reply = kit.<Problem.ViewReply>createTestProbe();
        sharding.entityRefFor(Problem.TYPE, Problem.entityId(job, problem)).tell(new Problem.GetView(reply.getRef()));
        return reply.receiveMessage(PATIENCE).view();
    }

    /** Where it keeps what it keeps. */
    Path directory() {
        return directory;
    }

    /** Changes what is stored, behind the node's back. */
    void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("cloudchamber.db"));
                var prepared = connection.createStatement()) {
            prepared.execute("pragma busy_timeout = 30000");
            prepared.execute(statement);
        }
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("cloudchamber-test-");
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /** Everything that is served. */
    List<Router.Route> routes() {
        return HttpServer.routes(
                new Api(kit.system(), settings(PATIENCE), sharding, dispatcher, () -> "id"),
                kit.spawn(Behaviors.ignore()),
                kit.spawn(Behaviors.ignore()));
    }

    ActorTestKit kit() {
        return kit;
    }

    ActorRef<Dispatcher.Command> dispatcher() {
        return dispatcher;
    }

    /** The standard settings with small limits, on a free port. */
    HttpSettings settings(Duration requestTimeout) {
        var standard = HttpSettings.from(kit.system().settings().config());
        return new HttpSettings(
                standard.host(),
                0,
                requestTimeout,
                standard.chatTimeout(),
                MAX_CONTENT_LENGTH_BYTES,
                MAX_QUESTION_CHARACTERS,
                standard.maxParticles(),
                standard.models(),
                standard.access());
    }

    ServerBinding serve(HttpSettings settings, ActorRef<Dispatcher.Command> dispatcher) throws Exception {
        return HttpServer.start(
                        kit.system(),
                        settings,
                        sharding,
                        dispatcher,
                        () -> UUID.randomUUID().toString())
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
    }
}
