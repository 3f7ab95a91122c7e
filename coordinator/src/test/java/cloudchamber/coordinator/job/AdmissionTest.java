package cloudchamber.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.wire.Role;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Admission with the test as its jobs. */
class AdmissionTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config()
            .withFallback(ConfigFactory.parseString("pekko.actor.provider = local"))
            .withFallback(ConfigFactory.load()));
    private static final ManualTime TIME = ManualTime.get(KIT.system());
    private static final Duration TICK = Duration.ofMillis(250);
    private static final int PLACES = 4;
    private static final List<Dispatcher.WorkerLine> SERVED =
            List.of(StubDispatcher.worker(Role.POLICY, "policy"), StubDispatcher.worker(Role.PRM, "prm"));

    private final AtomicLong nowMillis = new AtomicLong();
    private volatile List<Dispatcher.WorkerLine> workers = SERVED;
    private final TestProbe<Allowance> one = KIT.createTestProbe(Allowance.class);
    private final TestProbe<Allowance> other = KIT.createTestProbe(Allowance.class);
    private final ActorRef<Admission.Command> admission =
            KIT.spawn(Admission.create(PLACES, KIT.spawn(StubDispatcher.create(() -> workers)), nowMillis::get));

    @AfterAll
    static void stopAll() {
        KIT.shutdownTestKit();
    }

    /** A dispatcher that says nothing yet must not have problems started that nobody can run. */
    @Test
    void nothingIsGrantedBeforeTheDispatcherHasTold() {
        var silent = KIT.createTestProbe(Dispatcher.Command.class);
        var waiting = KIT.spawn(Admission.create(PLACES, silent.getRef(), nowMillis::get));
        waiting.tell(new Admission.State("one", claim(1, 0, 0, 2), one.getRef()));
        one.expectNoMessage(Duration.ZERO);
        var question = (Dispatcher.GetStatus) silent.receiveMessage();

        KIT.<Dispatcher.Command>spawn(StubDispatcher.create(() -> SERVED)).tell(question);

        assertThat(one.receiveMessage()).isEqualTo(new Allowance(1, 2, List.of()));
    }

    @Test
    void aClaimIsAnsweredEachTime() {
        for (int time = 0; time < 3; time++) {
            admission.tell(new Admission.State("one", claim(1, 0, 0, 3), one.getRef()));
            assertThat(one.receiveMessage()).isEqualTo(new Allowance(1, 3, List.of()));
        }
    }

    @Test
    void placesOfAJobThatLeavesAreOthers() {
        admission.tell(new Admission.State("one", claim(5, 0, 0, PLACES), one.getRef()));
        one.receiveMessage();
        admission.tell(new Admission.State("other", claim(1, 0, 0, PLACES), other.getRef()));
        assertThat(other.receiveMessage().granted()).isZero();

        admission.tell(new Admission.Leave("one", 4));
        other.expectNoMessage(Duration.ZERO);
        admission.tell(new Admission.Leave("one", 5));

        assertThat(other.receiveMessage().granted()).isEqualTo(PLACES);
    }

    @Test
    void placesOfAJobThatFallsSilentAreOthers() {
        admission.tell(new Admission.State("one", claim(1, 0, 0, PLACES), one.getRef()));
        one.receiveMessage();
        nowMillis.addAndGet(FairShares.LEASE.toMillis() / 2);
        admission.tell(new Admission.State("other", claim(1, 0, 0, PLACES), other.getRef()));
        other.receiveMessage();

        nowMillis.addAndGet(FairShares.LEASE.toMillis() / 2);
        TIME.timePasses(TICK);

        assertThat(other.receiveMessage().granted()).isEqualTo(PLACES);
    }

    @Test
    void jobsAreToldWhenTheirModelIsServedOrNoMore() {
        admission.tell(new Admission.State("one", claim(1, 0, 0, 2), one.getRef()));
        one.receiveMessage();

        workers = List.of(StubDispatcher.worker(Role.POLICY, "policy"));
        TIME.timePasses(TICK);
        assertThat(one.receiveMessage())
                .isEqualTo(new Allowance(1, 2, List.of(new Lack("prm prm", "no worker serves it"))));
        workers = SERVED;
        TIME.timePasses(TICK);
        assertThat(one.receiveMessage()).isEqualTo(new Allowance(1, 2, List.of()));
        TIME.timePasses(TICK);
        one.expectNoMessage(Duration.ZERO);
    }

    @Test
    void workersThatAreSilentOrLeaveServeNothing() {
        for (var worker : List.of(
                StubDispatcher.worker(Role.PRM, "prm", true, false, false),
                StubDispatcher.worker(Role.PRM, "prm", false, true, false))) {
            var served = ServedModels.of(List.of(SERVED.getFirst(), worker), List.of());
            assertThat(served.extent(new Need("policy", "prm", null))).isEqualTo(ServedModels.Extent.NONE);
        }
        var served = ServedModels.of(SERVED, List.of());
        assertThat(served.extent(new Need("policy", "prm", "simulated/any"))).isEqualTo(ServedModels.Extent.FULL);
        assertThat(served.missing(new Need("policy", "prm", "b1/avx2")))
                .containsExactly("policy policy of b1/avx2", "prm prm of b1/avx2");
    }

    private static Claim claim(long life, long granted, long returned, int wanted) {
        return new Claim(life, "t", 1, new Need("policy", "prm", null), granted, returned, wanted);
    }
}
