package cloudchamber.coordinator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.wire.DispatcherMessage;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.Score;
import cloudchamber.protocol.wire.Scored;
import cloudchamber.protocol.wire.ServiceKeys;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.protocol.wire.WorkerControl;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The actor around the machine: messages become calls and effects become messages. */
class DispatcherTest {
    private static final Duration TICK = Duration.ofMillis(50);

    private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config()
            .withFallback(ConfigFactory.parseString("pekko.actor.provider = local"))
            .withFallback(ConfigFactory.load()));
    private static final ManualTime TIME = ManualTime.get(KIT.system());
    private static final Set<ActorRef<DispatcherMessage>> EARLIER = new HashSet<>();

    private final AtomicLong clockMillis = new AtomicLong();
    private final TestProbe<WorkResult> problem = KIT.createTestProbe(WorkResult.class);
    private final TestProbe<WorkerControl> control = KIT.createTestProbe(WorkerControl.class);
    private final TestProbe<Extend> extend = KIT.createTestProbe(Extend.class);
    private final TestProbe<Score> score = KIT.createTestProbe(Score.class);
    private ActorRef<Dispatcher.Command> dispatcher;
    private ActorRef<DispatcherMessage> forWorkers;

    @BeforeEach
    void start() {
        dispatcher = KIT.spawn(Dispatcher.create(DispatchWorld.SETTINGS, Placement.leastCost(), clockMillis::get));
        var listings = KIT.createTestProbe(Receptionist.Listing.class);
        KIT.system().receptionist().tell(Receptionist.subscribe(ServiceKeys.DISPATCHERS, listings.getRef()));
        while (forWorkers == null) {
            forWorkers = listings.receiveMessage().getServiceInstances(ServiceKeys.DISPATCHERS).stream()
                    .filter(EARLIER::add)
                    .findFirst()
                    .orElse(null);
        }
    }

    @AfterEach
    void stop() {
        KIT.stop(dispatcher);
    }

    @AfterAll
    static void stopAll() {
        KIT.shutdownTestKit();
    }

    @Test
    void workGoesToAWorkerAndItsResultToTheProblem() {
        meetPolicy("w", 2);
        submit(problem, Works.extension("p1", 0));

        var sent = extend.receiveMessage();
        assertThat(sent.requests()).hasSize(1);
        sent.replyTo()
                .tell(new Extended("w", List.of(Works.answer(sent.requests().getFirst()))));

        var key = Works.extension("p1", 0).key();
        assertThat(problem.receiveMessage())
                .isEqualTo(new WorkResult.Extended(key, Works.step(Works.seed(key)), Works.USAGE, Works.NUMERICS.id()));
    }

    @Test
    void prefixIsScored() {
        forWorkers.tell(new DispatcherMessage.Announce(
                Works.worker("s", Role.PRM, 1), new WorkPort.Prm(score.getRef()), control.getRef()));
        forWorkers.tell(new DispatcherMessage.Offer("s", 1, true));
        submit(problem, Works.scoring("p1", 0));

        var sent = score.receiveMessage();
        sent.replyTo().tell(new Scored("s", List.of(Works.answer(sent.requests().getFirst()))));

        var key = Works.scoring("p1", 0).key();
        assertThat(problem.receiveMessage())
                .isEqualTo(new WorkResult.Scored(key, Works.logOdds(key), Works.USAGE, Works.NUMERICS.id()));
    }

    @Test
    void unknownWorkerIsAskedWhoItIs() {
        forWorkers.tell(new DispatcherMessage.Renew("w", 1, 0, 0, true, List.of(), Works.WELL, control.getRef()));

        assertThat(control.receiveMessage()).isEqualTo(new WorkerControl.AnnounceAgain(forWorkers));
    }

    @Test
    void leaseOfASilentWorkerEndsAndItsWorkGoesToAnother() {
        meetPolicy("silent", 1);
        submit(problem, Works.extension("p1", 0));
        var first = extend.receiveMessage().requests().getFirst();
        clockMillis.set(1499);
        meetPolicy("other", 1, KIT.createTestProbe(WorkerControl.class));
        awaitStatus();

        clockMillis.set(1500);
        TIME.timePasses(TICK);

        var second = extend.receiveMessage().requests().getFirst();
        assertThat(second.key().attempt()).isEqualTo(2);
        assertThat(second.seed()).isEqualTo(first.seed());
    }

    @Test
    void workOfAWorkerThatStoppedGoesToAnotherAtOnce() {
        var dying = KIT.createTestProbe(WorkerControl.class);
        meetPolicy("dying", 1, dying);
        submit(problem, Works.extension("p1", 0));
        extend.receiveMessage();
        meetPolicy("other", 1);

        dying.stop();

        assertThat(extend.receiveMessage().requests().getFirst().key().attempt())
                .isEqualTo(2);
        assertThat(awaitStatus().workers())
                .extracting(line -> line.announcement().workerId())
                .containsExactly("other");
    }

    @Test
    void forgottenProblemIsCancelledAtItsWorkersAndToldNothing() {
        meetPolicy("w", 1);
        submit(problem, Works.extension("p1", 0));
        var sent = extend.receiveMessage();

        dispatcher.tell(new Dispatcher.Forget("job", "p1"));

        assertThat(control.receiveMessage())
                .isEqualTo(new WorkerControl.Cancel(
                        forWorkers, List.of(sent.requests().getFirst().lease())));
        sent.replyTo()
                .tell(new Extended("w", List.of(Works.answer(sent.requests().getFirst()))));
        awaitStatus();
        problem.expectNoMessage(Duration.ZERO);
    }

    /** A shard that moves takes its problem along without a word. */
    @Test
    void problemThatStopsIsForgotten() {
        meetPolicy("w", 1);
        submit(problem, Works.extension("p1", 0), Works.extension("p1", 1));
        var lease = extend.receiveMessage().requests().getFirst().lease();

        problem.stop();

        assertThat(control.receiveMessage()).isEqualTo(new WorkerControl.Cancel(forWorkers, List.of(lease)));
        assertThat(awaitStatus().waitingForPolicy()).isEmpty();
    }

    @Test
    void problemThatCameBackUnderANewAddressIsNotForgottenWithTheOldOne() {
        submit(problem, Works.extension("p1", 0));
        var again = KIT.createTestProbe(WorkResult.class);
        submit(again, Works.extension("p1", 0));

        problem.stop();
        var watcher = KIT.createTestProbe(Object.class);
        watcher.expectTerminated(problem.getRef());
        meetPolicy("w", 1);

        var sent = extend.receiveMessage();
        sent.replyTo()
                .tell(new Extended("w", List.of(Works.answer(sent.requests().getFirst()))));
        assertThat(again.receiveMessage()).isInstanceOf(WorkResult.Extended.class);
    }

    @Test
    void fullQueueRefusesMoreWork() {
        submit(
                problem,
                IntStream.rangeClosed(0, DispatchWorld.SETTINGS.maxWaiting())
                        .mapToObj(slot -> Works.extension("p1", slot))
                        .toArray(Work[]::new));

        assertThat(problem.receiveMessage()).isInstanceOfSatisfying(WorkResult.Failed.class, failed -> {
            assertThat(failed.refusal().category()).isEqualTo(Category.OVERLOADED);
            assertThat(failed.attempts()).isZero();
        });
    }

    @Test
    void statusSaysWhoWorksAndWhatWaits() {
        meetPolicy("w", 3);
        submit(problem, Works.extension("p1", 0), Works.extension("p1", 1, "nobody's"), Works.scoring("p1", 0));
        extend.receiveMessage();

        var status = awaitStatus();

        assertThat(status.workers()).singleElement().satisfies(line -> {
            assertThat(line.leases()).isOne();
            assertThat(line.freeSlots()).isEqualTo(2);
            assertThat(line.silent()).isFalse();
        });
        assertThat(status.waitingForPolicy()).containsOnly(Map.entry("nobody's", 1));
        assertThat(status.waitingForPrm()).containsOnly(Map.entry(Works.PRM, 1));
    }

    private void meetPolicy(String id, int slots) {
        meetPolicy(id, slots, control);
    }

    private void meetPolicy(String id, int slots, TestProbe<WorkerControl> control) {
        forWorkers.tell(new DispatcherMessage.Announce(
                Works.worker(id, Role.POLICY, slots), new WorkPort.Policy(extend.getRef()), control.getRef()));
        forWorkers.tell(new DispatcherMessage.Offer(id, slots, true));
    }

    private void submit(TestProbe<WorkResult> replyTo, Work... works) {
        dispatcher.tell(new Dispatcher.Submit("job", "p1", 1, List.of(works), replyTo.getRef()));
    }

    /** What the dispatcher says once it has seen everything that was sent before. */
    private Dispatcher.Status awaitStatus() {
        var status = KIT.createTestProbe(Dispatcher.Status.class);
        dispatcher.tell(new Dispatcher.GetStatus(status.getRef()));
        return status.receiveMessage();
    }
}
