package cloudchamber.node;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.console.ProgramVersion;
import cloudchamber.coordinator.access.ApiKey;
import cloudchamber.coordinator.dispatch.DispatchSettings;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.coordinator.http.HttpServer;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.job.Admission;
import cloudchamber.coordinator.job.Housekeeper;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSettings;
import cloudchamber.coordinator.job.Questions;
import cloudchamber.coordinator.job.Recovery;
import cloudchamber.coordinator.job.Retention;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.journal.Storage;
import cloudchamber.coordinator.journal.StorageException;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.sweep.DataSets;
import cloudchamber.coordinator.sweep.NeededJobs;
import cloudchamber.coordinator.sweep.Sweep;
import cloudchamber.coordinator.sweep.SweepEvent;
import cloudchamber.coordinator.sweep.SweepSettings;
import cloudchamber.models.Models;
import cloudchamber.policy.PolicyWorker;
import cloudchamber.policy.StepGenerator;
import cloudchamber.prm.PrmWorker;
import cloudchamber.prm.StepScorer;
import cloudchamber.protocol.wire.Role;
import cloudchamber.worker.Worker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.ClusterSingletonSettings;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.pattern.Patterns;
import org.apache.pekko.remote.RemoteTransportException;

/** One member of a cluster, with the roles it was given. */
public final class ClusterNode implements AutoCloseable {
    private static final String SYSTEM = "cloudchamber";
    private static final long STOP_SECONDS = 20;

    private final ActorSystem<Void> system;
    private final int port;
    private final int httpPort;
    private final HttpSettings http;
    private final ApiKey ownKey;
    private final Set<String> coordinatorsSeen;
    private final Supplier<Optional<StorageException>> damage;

    private ClusterNode(
            ActorSystem<Void> system,
            int port,
            int httpPort,
            HttpSettings http,
            ApiKey ownKey,
            Set<String> coordinatorsSeen,
            Supplier<Optional<StorageException>> damage) {
        this.damage = damage;
        this.coordinatorsSeen = coordinatorsSeen;
        this.system = system;
        this.port = port;
        this.httpPort = httpPort;
        this.http = http;
        this.ownKey = ownKey;
    }

    /**
     * Starts a node: loads its models first, so that a missing one is said before anything runs.
     *
     * @throws CommandFailure if a model or a port cannot be had
     */
    public static ClusterNode start(NodeOptions options, Models models) {
        if (options.roles().contains(Role.COORDINATOR)
                && !options.join().isEmpty()
                && options.database().isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "a coordinator that joins a cluster must share its database: --database was not given;"
                            + " name the one of the others, or take other roles, as in --role policy --role prm");
        }
        Home.writable(options.data());
        var generators = new ArrayList<StepGenerator>();
        var scorers = new ArrayList<StepScorer>();
        if (options.roles().contains(Role.POLICY)) {
            options.policies().forEach(name -> generators.add(models.policy(name)));
        }
        if (options.roles().contains(Role.PRM)) {
            options.prms().forEach(name -> scorers.add(models.prm(name)));
        }
        var ownKey = ApiKey.random(new SecureRandom());
        var http = NodeConfiguration.http(options);
        var guardian = new Guardian(options, http.with(http.access().withOwnKey(ownKey)), generators, scorers);
        ActorSystem<Void> system = system(guardian, options);
        try {
            int httpPort = guardian.awaitHttpPort();
            int port = Cluster.get(system).selfMember().address().getPort().orElseThrow();
            return new ClusterNode(
                    system,
                    port,
                    httpPort,
                    http,
                    ownKey,
                    guardian.coordinatorsSeen(),
                    () -> Optional.ofNullable(guardian.damage().get()));
        } catch (RuntimeException failed) {
            system.terminate();
            throw failed;
        }
    }

    private static ActorSystem<Void> system(Guardian guardian, NodeOptions options) {
        try {
            return ActorSystem.create(guardian.create(), SYSTEM, NodeConfiguration.setup(options));
        } catch (RemoteTransportException unbound) {
            throw CommandFailure.unavailable("the cluster's port [" + options.host() + ":" + options.port()
                    + "] must be a free one of this machine: " + unbound.getMessage());
        }
    }

    /** The cluster's port. */
    public int port() {
        return port;
    }

    /** The cluster's address, {@code HOST:PORT}. */
    public String address() {
        var address = Cluster.get(system).selfMember().address();
        return address.getHost().orElseThrow() + ":" + port;
    }

    /** Whether the others took this node for dead, or it found itself in the smaller part of a split cluster. */
    public boolean wasDowned() {
        return CoordinatedShutdown.get(system)
                .getShutdownReason()
                .filter(reason -> reason == CoordinatedShutdown.clusterDowningReason())
                .isPresent();
    }

    /**
     * Fails if the node has stopped because its database is damaged or gone.
     *
     * @throws CommandFailure with the way back
     */
    public void requireDatabase(NodeOptions options) {
        damage.get().ifPresent(found -> {
            throw NodeTrouble.unusable(found, options);
        });
    }

    /** Whether the node has stopped because its database is damaged or gone. */
    public boolean hasLostDatabase() {
        return damage.get().isPresent();
    }

    /** Why the node cannot do its work now; empty if it can. */
    public CompletionStage<Optional<String>> trouble() {
        return NodeTrouble.now(system);
    }

    /** Whether the cluster refused this node, because it runs another version or has other settings. */
    public boolean wasRefused() {
        return CoordinatedShutdown.get(system)
                .getShutdownReason()
                .filter(reason -> reason == CoordinatedShutdown.incompatibleConfigurationDetectedReason())
                .isPresent();
    }

    /** The addresses of the coordinators this node has seen, itself apart. */
    public List<String> coordinatorsSeen() {
        return List.copyOf(coordinatorsSeen);
    }

    /** The API's port. */
    int httpPort() {
        return httpPort;
    }

    /** Where the API answers. */
    public String url() {
        return http.url(httpPort);
    }

    /** The API, as this process itself may use it, whatever keys there are. */
    public ApiClient api() {
        return new ApiClient(url(), Optional.of(ownKey.text()), Optional.empty());
    }

    /** Waits until the node has stopped. */
    public void awaitTermination() throws InterruptedException {
        try {
            system.getWhenTerminated().toCompletableFuture().get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException slow) {
            system.log().warn("the node did not stop within [{}] seconds", STOP_SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts what the roles ask for. */
    private record Guardian(
            NodeOptions options,
            HttpSettings http,
            List<StepGenerator> generators,
            List<StepScorer> scorers,
            CompletableFuture<Integer> boundHttpPort,
            Set<String> coordinatorsSeen,
            AtomicReference<StorageException> damage) {
        private static final long BIND_SECONDS = 120;
        /** Below the limit of the phase of shutdown it is a part of. */
        private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(15);

        Guardian(NodeOptions options, HttpSettings http, List<StepGenerator> generators, List<StepScorer> scorers) {
            this(
                    options,
                    http,
                    generators,
                    scorers,
                    new CompletableFuture<>(),
                    ConcurrentHashMap.newKeySet(),
                    new AtomicReference<>());
        }

        Behavior<Void> create() {
            return Behaviors.setup(context -> {
                try {
                    return started(context);
                } catch (StorageException unusable) {
                    boundHttpPort.completeExceptionally(unusable);
                    return Behaviors.stopped();
                } catch (RuntimeException failed) {
                    boundHttpPort.completeExceptionally(failed);
                    throw failed;
                }
            });
        }

        private Behavior<Void> started(ActorContext<Void> context) {
            if (options.roles().contains(Role.COORDINATOR)) {
                // Before the node is seen by others, for it may fail.
                var journal = ReadModel.get(context.getSystem());
                stopIfDamaged(context.getSystem());
                NodeMembership.startCoordinator(context, ProgramVersion.CURRENT);
                startCoordinator(context, journal);
            } else {
                NodeMembership.startWorker(context, options.join());
                boundHttpPort.complete(0);
            }
            var node = Cluster.get(context.getSystem()).selfMember().address().toString();
            rememberCoordinators(context);
            for (var generator : generators) {
                drainAtTheEnd(
                        context,
                        context.spawn(
                                PolicyWorker.create(generator, node),
                                "policy-" + context.getChildren().size()));
            }
            for (var scorer : scorers) {
                drainAtTheEnd(
                        context,
                        context.spawn(
                                PrmWorker.create(scorer, node),
                                "prm-" + context.getChildren().size()));
            }
            return Behaviors.empty();
        }

        /** Nothing can be read or written any more that could be relied upon. */
        private void stopIfDamaged(ActorSystem<?> system) {
            Storage.get(system).damage().thenAccept(found -> {
                damage.set(found);
                system.terminate();
            });
        }

        /** Before the node leaves the cluster the worker finishes what it has and takes nothing new. */
        private static <Q, R, E> void drainAtTheEnd(
                ActorContext<Void> context, ActorRef<Worker.Command<Q, R, E>> worker) {
            CoordinatedShutdown.get(context.getSystem())
                    .addTask(
                            CoordinatedShutdown.PhaseServiceUnbind(),
                            "drain-" + worker.path().name(),
                            () -> Patterns.gracefulStop(Adapter.toClassic(worker), DRAIN_TIMEOUT, Worker.drain())
                                    .handle((stopped, slow) -> Done.getInstance()));
        }

        /** A node that was taken for dead goes back to whoever is left. */
        private void rememberCoordinators(ActorContext<Void> context) {
            var cluster = Cluster.get(context.getSystem());
            Behavior<ClusterEvent.MemberUp> watching = Behaviors.receiveMessage(up -> {
                var member = up.member();
                if (member.hasRole(Role.COORDINATOR.id())
                        && !member.uniqueAddress().equals(cluster.selfMember().uniqueAddress())) {
                    var address = member.address();
                    coordinatorsSeen.add(address.getHost().orElseThrow() + ":"
                            + address.getPort().orElseThrow());
                }
                return Behaviors.same();
            });
            cluster.subscriptions()
                    .tell(Subscribe.create(context.spawn(watching, "members"), ClusterEvent.MemberUp.class));
        }

        int awaitHttpPort() {
            try {
                return boundHttpPort.get(BIND_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof StorageException unusable) {
                    throw NodeTrouble.unusable(unusable, options);
                }
                if (failed.getCause() instanceof IllegalArgumentException unsafe) {
                    throw new CommandFailure(ExitCode.USAGE, unsafe.getMessage());
                }
                throw CommandFailure.unavailable(
                        "the HTTP port [" + options.httpPort().orElse(0) + "] must be free: "
                                + failed.getCause().getMessage());
            } catch (TimeoutException slow) {
                throw CommandFailure.unavailable("the node did not start within [" + BIND_SECONDS + "] seconds");
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw CommandFailure.unavailable("interrupted while the node started");
            }
        }

        private void startCoordinator(ActorContext<Void> context, ReadModel journal) {
            var system = context.getSystem();
            var config = system.settings().config();
            ActorRef<Dispatcher.Command> dispatcher = context.spawn(
                    Dispatcher.create(
                            DispatchSettings.from(config),
                            Placement.leastCost(),
                            () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                    "dispatcher");
            var sharding = ClusterSharding.get(system);
            sharding.init(Entity.of(
                            Problem.TYPE,
                            entity -> Problem.create(
                                    entity.getEntityId(), dispatcher, entity.getShard(), System::currentTimeMillis))
                    .withRole(Role.COORDINATOR.id()));
            var jobs = JobSettings.from(config);
            var admission = context.spawn(
                    Admission.create(
                            jobs.maxProblemsInFlightPerCoordinator(),
                            dispatcher,
                            () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                    "admission");
            sharding.init(Entity.of(
                            Job.TYPE,
                            entity -> Job.create(
                                    entity.getEntityId(),
                                    jobs,
                                    sharding,
                                    admission,
                                    entity.getShard(),
                                    Questions.of(journal),
                                    System::currentTimeMillis))
                    .withRole(Role.COORDINATOR.id()));
            ClusterSingleton.get(system)
                    .init(SingletonActor.of(Recovery.ofJobs(journal, sharding), "recovery")
                            .withSettings(
                                    ClusterSingletonSettings.create(system).withRole(Role.COORDINATOR.id())));
            jobs.retention()
                    .ifPresent(keep -> ClusterSingleton.get(system)
                            .init(SingletonActor.of(
                                            Housekeeper.create(
                                                    new Retention(
                                                            journal, sharding, () -> NeededJobs.of(journal, sharding)),
                                                    keep,
                                                    System::currentTimeMillis),
                                            "housekeeper")
                                    .withSettings(ClusterSingletonSettings.create(system)
                                            .withRole(Role.COORDINATOR.id()))));
            startSweeps(context, sharding, journal);
            if (options.httpPort().isEmpty()) {
                boundHttpPort.complete(0);
                return;
            }
            HttpServer.start(
                            system,
                            http,
                            sharding,
                            dispatcher,
                            () -> UUID.randomUUID().toString())
                    .whenComplete((binding, failure) -> {
                        if (failure == null) {
                            boundHttpPort.complete(binding.localAddress().getPort());
                        } else {
                            boundHttpPort.completeExceptionally(
                                    failure instanceof CompletionException ? failure.getCause() : failure);
                        }
                    });
        }

        private static void startSweeps(ActorContext<Void> context, ClusterSharding sharding, ReadModel journal) {
            var system = context.getSystem();
            var settings = SweepSettings.from(system.settings().config());
            sharding.init(
                    Entity.of(DataSets.TYPE, entity -> DataSets.create(entity.getEntityId(), System::currentTimeMillis))
                            .withRole(Role.COORDINATOR.id()));
            sharding.init(Entity.of(
                            Sweep.TYPE,
                            entity -> Sweep.create(entity.getEntityId(), settings, sharding, System::currentTimeMillis))
                    .withRole(Role.COORDINATOR.id()));
            ClusterSingleton.get(system)
                    .init(SingletonActor.of(
                                    Recovery.create(
                                            () -> journal.entitiesBefore(Sweep.TYPE.name(), SweepEvent.Ended.class),
                                            id -> sharding.entityRefFor(Sweep.TYPE, id)
                                                    .tell(new Sweep.GetView(system.ignoreRef()))),
                                    "sweep-recovery")
                            .withSettings(
                                    ClusterSingletonSettings.create(system).withRole(Role.COORDINATOR.id())));
        }
    }
}
