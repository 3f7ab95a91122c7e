package cloudchamber.cli;

import cloudchamber.cli.tls.ClusterTls;
import cloudchamber.console.Home;
import cloudchamber.models.Simulated;
import cloudchamber.node.OwnerCertificates;
import cloudchamber.policy.PolicyWorker;
import cloudchamber.prm.PrmWorker;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.Score;
import cloudchamber.protocol.wire.Scored;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.worker.Requests;
import cloudchamber.worker.Worker;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;

/**
 * A node of shipped workers whose replies come one by one, late, in another order and again: {@code
 * UnreliableWorker HOST:PORT MODEL…}. Ends with its input; says then what it did to them.
 */
final class UnreliableWorker {
    private static final double REPEATED = .3;
    private static final double LATE = .03;
    private static final int DELAY_MILLIS = 100;
    /** Longer than a lease lives after its last renewal. */
    private static final Duration LATE_DELAY = Duration.ofSeconds(2);

    private static final AtomicLong SENT = new AtomicLong();
    private static final AtomicLong LATE_ONES = new AtomicLong();
    private static final AtomicLong REPEATED_ONES = new AtomicLong();
    private static final Map<Map.Entry<String, ActorRef<?>>, ActorRef<?>> BEFORE = new ConcurrentHashMap<>();
    private static final AtomicInteger BEFORE_NUMBER = new AtomicInteger();

    private UnreliableWorker() {}

    public static void main(String[] arguments) throws IOException {
        org.slf4j.LoggerFactory.getILoggerFactory();
        Home.ofEnvironment(System.getenv());
        var settings = ConfigFactory.parseMap(Map.of(
                "pekko.remote.artery.transport",
                "tls-tcp",
                "pekko.remote.artery.canonical.port",
                0,
                "pekko.cluster.roles",
                List.of(Role.POLICY.id(), Role.PRM.id())));
        var models = List.of(arguments).subList(1, arguments.length);
        var setup = ActorSystemSetup.create(BootstrapSetup.create(settings.withFallback(ConfigFactory.load())))
                .and(ClusterTls.setup(OwnerCertificates.loopback().orElseThrow()));
        var system = ActorSystem.create(workers(models), "cloudchamber", setup);
        Cluster.get(system).join(AddressFromURIString.parse("pekko://cloudchamber@" + arguments[0]));
        System.out.println("cluster: " + Cluster.get(system).selfAddress());
        while (System.in.read() >= 0) {
            // Only its end counts.
        }
        System.out.println("replies: " + SENT);
        System.out.println("late: " + LATE_ONES);
        System.out.println("repeated: " + REPEATED_ONES);
        System.exit(0);
    }

    private static Behavior<Void> workers(List<String> models) {
        return Behaviors.setup(context -> {
            for (var model : models) {
                context.spawnAnonymous(Worker.create(
                        Role.POLICY,
                        Simulated.policy(model),
                        PolicyWorker.requests(),
                        Extend.class,
                        extend -> new Requests.Batch<>(
                                extend.requests(),
                                extend.dispatcher(),
                                before(context.getSystem(), "steps", extend.replyTo(), UnreliableWorker::singly)),
                        WorkPort.Policy::new,
                        "unreliable"));
                context.spawnAnonymous(Worker.create(
                        Role.PRM,
                        Simulated.prm(model),
                        PrmWorker.requests(),
                        Score.class,
                        score -> new Requests.Batch<>(
                                score.requests(),
                                score.dispatcher(),
                                before(context.getSystem(), "scores", score.replyTo(), UnreliableWorker::singly)),
                        WorkPort.Prm::new,
                        "unreliable"));
            }
            return Behaviors.empty();
        });
    }

    private static Stream<Extended> singly(Extended replies) {
        return replies.results().stream().map(result -> new Extended(replies.workerId(), List.of(result)));
    }

    private static Stream<Scored> singly(Scored replies) {
        return replies.results().stream().map(result -> new Scored(replies.workerId(), List.of(result)));
    }

    /** Who takes the replies on their way to {@code target}, which may take both kinds. */
    @SuppressWarnings("unchecked")
    private static <M> ActorRef<M> before(
            ActorSystem<?> system, String kind, ActorRef<M> target, Function<M, Stream<M>> singly) {
        return (ActorRef<M>) BEFORE.computeIfAbsent(
                Map.entry(kind, target),
                seen -> system.systemActorOf(
                        disturb(target, singly, new CounterRandom(0)),
                        kind + "-" + BEFORE_NUMBER.getAndIncrement(),
                        Props.empty()));
    }

    private static <M> Behavior<M> disturb(ActorRef<M> target, Function<M, Stream<M>> singly, CounterRandom random) {
        return Behaviors.receive((context, replies) -> {
            singly.apply(replies).forEach(reply -> {
                boolean late = random.nextDouble() < LATE;
                var delay = late ? LATE_DELAY : Duration.ofMillis(random.nextInt(DELAY_MILLIS));
                context.scheduleOnce(delay, target, reply);
                SENT.getAndIncrement();
                if (late) {
                    LATE_ONES.getAndIncrement();
                }
                if (random.nextDouble() < REPEATED) {
                    context.scheduleOnce(delay.plusMillis(random.nextInt(DELAY_MILLIS)), target, reply);
                    REPEATED_ONES.getAndIncrement();
                }
            });
            return Behaviors.same();
        });
    }
}
