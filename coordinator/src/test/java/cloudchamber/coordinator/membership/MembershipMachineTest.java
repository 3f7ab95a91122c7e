package cloudchamber.coordinator.membership;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.membership.ClusterView.Standing;
import cloudchamber.coordinator.membership.MembershipMachine.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One rule each, by example; what the rules come to together is the simulation's. */
class MembershipMachineTest {
    private static final MembershipSettings SETTINGS = new MembershipSettings(
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(4),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5));
    private static final NodeId SELF = new NodeId("a:1", 1);
    private static final NodeId OTHER = new NodeId("b:1", 2);
    private static final ClusterView TOGETHER =
            new ClusterView(Standing.MEMBER, Set.of(SELF, OTHER), Set.of(SELF, OTHER));

    private MembershipMachine machine = MembershipMachine.start(SETTINGS, SELF);

    private Action on(Register register, ClusterView view, long nowMillis) {
        var step = machine.on(new Input.Renewed(register, view), nowMillis);
        machine = step.machine();
        return step.action();
    }

    private static Register renewed(Register register, NodeId node, long epoch, long nowMillis) {
        return at(register, nowMillis).renewed(node, "1", epoch, Set.of());
    }

    private static Register at(Register register, long nowMillis) {
        return new Register(nowMillis, register.epoch(), register.founder(), register.entries(), register.hold());
    }

    /** Of a cluster that another node formed at the time 0. */
    private static Register othersCluster() {
        return Register.empty(0).founded(OTHER, "1", 0, 0).orElseThrow();
    }

    @Test
    void onADatabaseWithoutAClusterItFoundsOneAtOnce() {
        assertThat(on(renewed(Register.empty(5), SELF, 0, 5), ClusterView.OUTSIDE, 1000))
                .isEqualTo(new Action.Found(0, 0));
        assertThat(machine.on(new Input.Founded(1), 1001).action()).isEqualTo(new Action.Form());
    }

    @Test
    void itAsksLivingMembersAndFoundsAClusterOnlyAfterTheirSilence() {
        var register = renewed(othersCluster(), SELF, 0, 1);
        assertThat(on(register, ClusterView.OUTSIDE, 0)).isEqualTo(new Action.Join(List.of("b:1")));
        for (int second = 1; second < 10; second++) {
            assertThat(on(register, ClusterView.OUTSIDE, second * 1000)).isInstanceOf(Action.Wait.class);
        }
        assertThat(on(register, ClusterView.OUTSIDE, 10_000)).isEqualTo(new Action.Found(1, 0));
    }

    /** While the database is away nobody can renew an entry. */
    @Test
    void anOutageOfTheDatabaseMakesNobodyLookDead() {
        var register = renewed(othersCluster(), SELF, 0, 1);
        on(register, ClusterView.OUTSIDE, 0);
        assertThat(machine.on(new Input.Unanswered(), 30_000).action()).isInstanceOf(Action.Wait.class);

        assertThat(on(register, ClusterView.OUTSIDE, 60_000)).isInstanceOf(Action.Wait.class);
        assertThat(on(register, ClusterView.OUTSIDE, 61_000)).isInstanceOf(Action.Wait.class);
    }

    @Test
    void aFounderThatDidNotHearThatItSucceededFormsTheCluster() {
        var founded =
                renewed(Register.empty(0), SELF, 0, 0).founded(SELF, "1", 0, 0).orElseThrow();

        assertThat(on(founded, ClusterView.OUTSIDE, 0)).isEqualTo(new Action.Form());
    }

    @Test
    void ofTwoFoundersOneSucceedsAndAMemberThatShowsItselfStopsBoth() {
        var register = renewed(renewed(othersCluster(), SELF, 0, 1), new NodeId("c:1", 3), 0, 2);
        var first = register.founded(SELF, "1", 1, 0).orElseThrow();

        assertThat(first.epoch()).isEqualTo(2);
        assertThat(first.founded(new NodeId("c:1", 3), "1", 1, 0)).isEmpty();
        assertThat(renewed(register, OTHER, 1, 9).founded(SELF, "1", 1, 0)).isEmpty();
    }

    @Test
    void aClusterWhoseEpochIsBehindGoesDown() {
        var mine =
                renewed(Register.empty(0), SELF, 0, 0).founded(SELF, "1", 0, 0).orElseThrow();
        on(mine, ClusterView.OUTSIDE, 0);
        var newer = mine.founded(OTHER, "1", 1, 0).orElseThrow();

        assertThat(on(newer, new ClusterView(Standing.MEMBER, Set.of(SELF), Set.of(SELF)), 1000))
                .isInstanceOf(Action.GoDown.class);
    }

    @Test
    void aGrantedClaimRefusesTheOtherSideForGood() {
        var both = at(othersCluster(), 1).renewed(SELF, "1", 0, Set.of(OTHER));
        var apart = new ClusterView(Standing.MEMBER, Set.of(SELF, OTHER), Set.of(SELF));
        var claim = both.claim(SELF, SELF, Set.of(OTHER), apart, Duration.ofSeconds(5));

        assertThat(claim).isInstanceOf(Register.Claim.Granted.class);
        var released = ((Register.Claim.Granted) claim).register().released(SELF);
        assertThat(released.hold()).isEmpty();
        assertThat(released.claim(OTHER, OTHER, Set.of(SELF), TOGETHER, Duration.ofSeconds(5)))
                .isInstanceOf(Register.Claim.Refused.class);
    }

    /** A worker holds the lease and is lost with it. */
    @Test
    void aClaimWaitsForASilentHolder() {
        var worker = new NodeId("w:1", 9);
        var both = at(othersCluster(), 1).renewed(SELF, "1", 0, Set.of(OTHER));
        var held = ((Register.Claim.Granted) both.claim(SELF, worker, Set.of(), TOGETHER, Duration.ofSeconds(5)))
                .register();

        assertThat(at(held, 5000).claim(OTHER, OTHER, Set.of(), TOGETHER, Duration.ofSeconds(5)))
                .isInstanceOf(Register.Claim.Undecided.class);
        assertThat(at(held, 5001).claim(OTHER, OTHER, Set.of(), TOGETHER, Duration.ofSeconds(5)))
                .isInstanceOf(Register.Claim.Granted.class);
    }

    @Test
    void aWorkerAsksForEverWithGrowingPausesAndLeavesAClusterWithoutCoordinators() {
        var worker = WorkerMachine.start(SETTINGS, List.of("a:1"));
        var asked = new ArrayList<Integer>();
        for (int second = 0; second < 60; second++) {
            var step = worker.on(ClusterView.OUTSIDE, second * 1000L);
            worker = step.machine();
            if (step.action() instanceof Action.Join) {
                asked.add(second);
            }
        }
        assertThat(asked).containsExactly(0, 2, 6, 14, 29, 44, 59);

        var alone = new ClusterView(Standing.MEMBER, Set.of(), Set.of());
        worker = worker.on(alone, 60_000).machine();
        assertThat(worker.on(alone, 64_999).action()).isInstanceOf(Action.Wait.class);
        assertThat(worker.on(alone, 65_000).action()).isInstanceOf(Action.GoDown.class);
    }
}
