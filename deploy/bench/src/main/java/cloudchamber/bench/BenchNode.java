package cloudchamber.bench;

import cloudchamber.coordinator.dispatch.DispatchSettings;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.coordinator.http.HttpServer;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.job.Admission;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSettings;
import cloudchamber.coordinator.job.Questions;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.policy.PolicyWorker;
import cloudchamber.prm.PrmWorker;
import cloudchamber.protocol.wire.Role;
import cloudchamber.worker.SimulatedLatency;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;

/** A member of a benchmark's cluster: the shipped actors, with simulated models. */
final class BenchNode implements AutoCloseable {
    private static final String SYSTEM = "bench";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ActorSystem<SpawnProtocol.Command> system;

    private BenchNode(ActorSystem<SpawnProtocol.Command> system) {
        this.system = system;
    }

    /** @param seed the node to join; 0 to start a cluster */
    static BenchNode start(String role, int seed, Map<String, ?> settings) {
        Config fixed = ConfigFactory.parseString("""
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                pekko.remote.artery.advanced.instruments = ["cloudchamber.bench.WireCount"]
                # There is no database that its coordinators share.
                pekko.cluster.split-brain-resolver { active-strategy = keep-majority, keep-majority.role = "coordinator" }
                cloudchamber.serial-names.echo = "cloudchamber.bench.Echo$Names"
                pekko.persistence.journal.plugin = "pekko.persistence.journal.inmem"
                pekko.persistence.snapshot-store.plugin = "pekko.persistence.no-snapshot-store"
                """);
        var config = ConfigFactory.parseMap(settings)
                .withFallback(ConfigFactory.parseMap(Map.of("pekko.cluster.roles", List.of(role))))
                .withFallback(fixed)
                .withFallback(ConfigFactory.load());
        var system = ActorSystem.create(SpawnProtocol.create(), SYSTEM, config);
        var cluster = org.apache.pekko.cluster.Cluster.get(system);
        cluster.join(
                seed == 0
                        ? cluster.selfAddress()
                        : org.apache.pekko.actor.AddressFromURIString.parse(
                                "pekko://" + SYSTEM + "@127.0.0.1:" + seed));
        return new BenchNode(system);
    }

    int port() {
        return Cluster.get(system).selfMember().address().getPort().orElseThrow();
    }

    ActorSystem<SpawnProtocol.Command> system() {
        return system;
    }

    <T> ActorRef<T> spawn(Behavior<T> behavior, String name) {
        return await(
                AskPattern.<SpawnProtocol.Command, ActorRef<T>>ask(
                                system,
                                replyTo -> new SpawnProtocol.Spawn<>(behavior, name, Props.empty(), replyTo),
                                PATIENCE,
                                system.scheduler())
                        .toCompletableFuture(),
                PATIENCE);
    }

    // ---- a worker's node

    SimulatedLatency startPolicy(int slots, int characters, Law law) {
        var latency = SimulatedLatency.of(law.micros());
        spawn(PolicyWorker.create(new BenchPolicy(slots, characters, latency), SYSTEM), "policy");
        return latency;
    }

    SimulatedLatency startPrm(int slots, Law law) {
        var latency = SimulatedLatency.of(law.micros());
        spawn(PrmWorker.create(new BenchPrm(slots, latency), SYSTEM), "prm");
        return latency;
    }

    // ---- a coordinator's node

    ActorRef<Dispatcher.Command> startDispatcher() {
        return spawn(
                Dispatcher.create(
                        DispatchSettings.from(system.settings().config()),
                        Placement.leastCost(),
                        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                "dispatcher");
    }

    void startProblems(ActorRef<Dispatcher.Command> dispatcher) {
        ClusterSharding.get(system)
                .init(Entity.of(
                                Problem.TYPE,
                                entity -> Problem.create(
                                        entity.getEntityId(), dispatcher, entity.getShard(), System::currentTimeMillis))
                        .withRole(Role.COORDINATOR.id()));
    }

    void startJobs(ActorRef<Dispatcher.Command> dispatcher) {
        var settings = JobSettings.from(system.settings().config());
        var sharding = ClusterSharding.get(system);
        var admission = spawn(
                Admission.create(
                        settings.maxProblemsInFlightPerCoordinator(),
                        dispatcher,
                        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                "admission");
        var journal = ReadModel.get(system);
        sharding.init(Entity.of(
                        Job.TYPE,
                        entity -> Job.create(
                                entity.getEntityId(),
                                settings,
                                sharding,
                                admission,
                                entity.getShard(),
                                Questions.of(journal),
                                System::currentTimeMillis))
                .withRole(Role.COORDINATOR.id()));
    }

    /** Serves the API; answers with its port. */
    int startHttp(ActorRef<Dispatcher.Command> dispatcher) {
        return await(
                        HttpServer.start(
                                        system,
                                        HttpSettings.from(system.settings().config()),
                                        ClusterSharding.get(system),
                                        dispatcher,
                                        () -> UUID.randomUUID().toString())
                                .toCompletableFuture(),
                        PATIENCE)
                .localAddress()
                .getPort();
    }

    /** Waits until so many workers have announced themselves. */
    void awaitWorkers(ActorRef<Dispatcher.Command> dispatcher, int count) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (status(dispatcher).workers().size() < count) {
            if (System.nanoTime() > deadline) {
                throw new BenchmarkFailure(count + " workers must join within " + PATIENCE + ": did not");
            }
            pause(Duration.ofMillis(100));
        }
    }

    Dispatcher.Status status(ActorRef<Dispatcher.Command> dispatcher) {
        return await(
                AskPattern.<Dispatcher.Command, Dispatcher.Status>ask(
                                dispatcher, Dispatcher.GetStatus::new, PATIENCE, system.scheduler())
                        .toCompletableFuture(),
                PATIENCE);
    }

    /**
     * Runs problems, at most so many at once, and waits for the last.
     *
     * @return how long that took
     */
    Duration run(List<ProblemSpecification> problems, int inFlight, Duration patience) {
        var done = new CompletableFuture<Void>();
        long started = System.nanoTime();
        spawn(Runner.create(ClusterSharding.get(system), problems, inFlight, done), "runner");
        await(done, patience);
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** Starts the next problem when one has ended. */
    private static final class Runner {
        private final ClusterSharding sharding;
        private final ArrayDeque<ProblemSpecification> waiting;
        private final Set<String> open = new HashSet<>();
        private final CompletableFuture<Void> done;

        private Runner(ClusterSharding sharding, List<ProblemSpecification> problems, CompletableFuture<Void> done) {
            this.sharding = sharding;
            this.waiting = new ArrayDeque<>(problems);
            this.done = done;
        }

        static Behavior<Problem.Over> create(
                ClusterSharding sharding,
                List<ProblemSpecification> problems,
                int inFlight,
                CompletableFuture<Void> done) {
            return Behaviors.setup(context -> {
                var runner = new Runner(sharding, problems, done);
                for (int problem = 0; problem < inFlight; problem++) {
                    runner.next(context.getSelf());
                }
                return Behaviors.receiveMessage(over -> runner.over(over, context.getSelf()));
            });
        }

        private void next(ActorRef<Problem.Over> self) {
            var problem = waiting.poll();
            if (problem != null) {
                open.add(problem.problem());
                sharding.entityRefFor(Problem.TYPE, Problem.entityId(problem.job(), problem.problem()))
                        .tell(new Problem.Start(problem, self));
            }
        }

        private Behavior<Problem.Over> over(Problem.Over over, ActorRef<Problem.Over> self) {
            if (open.remove(over.problem())) {
                next(self);
            }
            if (open.isEmpty()) {
                done.complete(null);
                return Behaviors.stopped();
            }
            return Behaviors.same();
        }
    }

    // ---- waiting

    static <T> T await(CompletableFuture<T> future, Duration patience) {
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new BenchmarkFailure("nothing came within " + patience);
        } catch (ExecutionException failed) {
            throw new BenchmarkFailure("the cluster of the benchmark failed: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkFailure("interrupted");
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkFailure("interrupted");
        }
    }

    @Override
    public void close() {
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException slow) {
            system.log().warn("a node of the benchmark did not stop in time");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
