package cloudchamber.coordinator.dispatch;

import static cloudchamber.coordinator.dispatch.Works.WELL;
import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.dispatch.DispatchWorld.Trouble;
import cloudchamber.protocol.Role;
import cloudchamber.protocol.control.WorkerStatus;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.policy.ExtendRequest;
import cloudchamber.protocol.policy.ExtendResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DispatchCoreTest {
    private static final long LEASE_MILLIS = 1500;

    private final DispatchCore core = new DispatchCore(DispatchWorld.SETTINGS, Placement.holderFirst());

    // ---- the whole, under trouble

    /*
     * A piece of work is tried up to 8 times. With a refusal one time in ten and a worker that dies about
     * every 6 s, eight failures in a row are rarer than 1e-6 a piece, so that all of some 12,000 succeed.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyPieceIsDeliveredExactlyOnceWhateverHappens(int dispatchers) {
        for (long seed = 0; seed < 100; seed++) {
            var world = new DispatchWorld(1000L * dispatchers + seed, dispatchers, new Trouble(.05, .1, .1, .05));
            populate(world, new CounterRandom(seed));

            for (long second = 1; !world.nodes.stream().allMatch(DispatchWorld.Node::done); second++) {
                assertThat(second)
                        .as("seconds until all is delivered, seed %d", seed)
                        .isLessThan(120);
                world.runUntil(1000 * second);
            }

            for (var node : world.nodes) {
                assertThat(world.open(node)).isEmpty();
                assertThat(world.waiting(node)).isEmpty();
                assertThat(node.ended.values()).noneMatch(WorkResult.Failed.class::isInstance);
            }
            world.trouble = Trouble.NONE;
            world.runUntil(world.nowMillis() + 10_000);
            for (var node : world.nodes) {
                assertThat(node.core.workers(world.nowMillis()))
                        .allMatch(worker -> worker.leases() == 0, "no lease outlives its work");
            }
        }
    }

    private static void populate(DispatchWorld world, CounterRandom random) {
        for (int worker = 0; worker < 2 + random.nextInt(2); worker++) {
            world.startWorker(Role.POLICY, 1 + random.nextInt(4));
            world.startWorker(Role.PRM, 1 + random.nextInt(4));
        }
        int problem = 0;
        for (var node : world.nodes) {
            for (int batch = 0; batch < 4; batch++) {
                var name = "p" + problem++;
                long order = problem;
                var works = new ArrayList<Work>();
                for (int slot = 0; slot < 5; slot++) {
                    works.add(Works.extension(name, slot));
                    works.add(Works.scoring(name, slot));
                }
                long atMillis = random.nextInt(3000);
                world.at(atMillis, () -> node.submit(works, order));
                world.at(
                        atMillis + random.nextInt(1000),
                        () -> node.submit(
                                works.stream()
                                        .filter(work -> !node.ended.containsKey(work.key()))
                                        .toList(),
                                order));
            }
        }
    }

    /** While work waits anywhere, every slot of a worker that serves it is used: none is stranded by lost words. */
    @Test
    void noSlotIsStrandedAfterTroubleBetweenTwoDispatchers() {
        for (long seed = 0; seed < 30; seed++) {
            var world = new DispatchWorld(seed, 2, new Trouble(.2, .2, 0, 0));
            world.startWorker(Role.POLICY, 4);
            world.startWorker(Role.POLICY, 3);
            var random = new CounterRandom(seed);
            for (int batch = 0; batch < 10; batch++) {
                var few = IntStream.range(0, 1 + random.nextInt(3))
                        .mapToObj(slot -> slot)
                        .toList();
                var name = "early" + batch;
                var node = world.nodes.get(random.nextInt(2));
                world.at(
                        random.nextInt(4000),
                        () -> node.submit(
                                few.stream()
                                        .map(slot -> Works.extension(name, slot))
                                        .toList(),
                                0));
            }
            world.runUntil(6000);
            world.trouble = Trouble.NONE;
            var busy = world.nodes.get(random.nextInt(2));
            busy.submit(
                    IntStream.range(0, 150)
                            .mapToObj(slot -> Works.extension("late", slot))
                            .toList(),
                    1);
            world.runUntil(8500);
            world.workers.forEach(worker -> worker.peak = 0);
            world.runUntil(9500);

            assertThat(world.waiting(busy)).as("work that waits").isNotEmpty();
            assertThat(world.workers)
                    .extracting(worker -> worker.peak)
                    .as("slots in use at once, seed %d", seed)
                    .containsExactly(4, 3);
        }
    }

    // ---- slots

    @Test
    void leasesNeverExceedTheSlotsOffered() {
        var policy = meet("w", Role.POLICY, 4);
        core.submit(extensions("p1", 10), 1, 0);

        assertThat(requests(core.offer(policy, 3, true, 1))).hasSize(3);
        assertThat(core.offer(policy, 3, true, 2)).as("the same total again").isEmpty();
        assertThat(core.offer(policy, 2, true, 3)).as("an old total").isEmpty();
        assertThat(requests(core.offer(policy, 4, true, 4))).hasSize(1);
    }

    /** A request that was lost on its way holds no slot for longer than a lease lives. */
    @Test
    void lostGrantsAreFoundByTheTotalOfRequestsReceived() {
        var policy = meet("w", Role.POLICY, 4);
        core.offer(policy, 4, true, 0);
        assertThat(requests(core.submit(extensions("p1", 4), 1, 0))).hasSize(4);

        assertThat(requests(renew(policy, 4, 1, List.of(0L), 300)))
                .as("they may be on their way")
                .isEmpty();
        assertThat(requests(renew(policy, 4, 1, List.of(0L), LEASE_MILLIS - 1))).isEmpty();
        assertThat(requests(core.tick(LEASE_MILLIS)))
                .as("no slot is known to be free")
                .isEmpty();

        assertThat(requests(renew(policy, 4, 1, List.of(0L), LEASE_MILLIS + 1)))
                .extracting(ExtendRequest::key)
                .extracting(key -> key.step().slot() + "#" + key.attempt())
                .containsExactly("1#2", "2#2", "3#2");
    }

    /** The story: work given up while its request was under way was once counted as lost, and the slot given twice. */
    @Test
    void forgottenWorkOnItsWayDoesNotCountAsLost() {
        var policy = meet("w", Role.POLICY, 2);
        core.offer(policy, 2, true, 0);
        core.submit(extensions("p1", 2), 1, 0);
        core.forget("job", "p1");
        core.submit(extensions("p2", 2), 2, 5);

        assertThat(renew(policy, 2, 0, List.of(), 10))
                .as("both requests are still on their way")
                .isEmpty();
        assertThat(renew(policy, 2, 2, List.of(), 400))
                .as("both came and are being cancelled")
                .isEmpty();
        assertThat(requests(core.offer(policy, 4, true, 410))).hasSize(2);
    }

    /** A request that was slow, and counted as lost, takes its slot back when it is known to have come. */
    @Test
    void requestThatWasOnlySlowIsNotCountedAsLostForEver() {
        var policy = meet("w", Role.POLICY, 1);
        core.offer(policy, 1, true, 0);
        core.submit(extensions("p1", 3), 1, 0);
        core.tick(LEASE_MILLIS);

        assertThat(requests(renew(policy, 1, 0, List.of(), 2000)))
                .as("counted as lost")
                .hasSize(1);
        assertThat(renew(policy, 1, 2, List.of(0L, 1L), 2300))
                .as("both came after all")
                .isEmpty();
        assertThat(renew(policy, 2, 2, List.of(), 2600))
                .as("one slot served two requests")
                .isEmpty();
        assertThat(requests(renew(policy, 3, 2, List.of(), 2900))).hasSize(1);
    }

    @Test
    void silentWorkerGetsNothingAndItsWorkGoesElsewhereAfterALeaseTime() {
        var silent = meet("silent", Role.POLICY, 2);
        core.offer(silent, 2, true, 0);
        var first = requests(core.submit(extensions("p1", 1), 1, 0)).getFirst();
        assertThat(requests(core.tick(LEASE_MILLIS - 1))).isEmpty();
        var other = meet("other", Role.POLICY, 1, LEASE_MILLIS - 1);
        core.offer(other, 1, true, LEASE_MILLIS - 1);

        var effects = core.tick(LEASE_MILLIS);

        assertThat(effects).hasSize(1);
        assertThat(effects.getFirst()).isInstanceOfSatisfying(DispatchEffect.SendExtend.class, sent -> {
            assertThat(sent.workerId()).isEqualTo(other);
            assertThat(sent.requests().getFirst().seed()).isEqualTo(first.seed());
            assertThat(sent.requests().getFirst().key().step())
                    .isEqualTo(first.key().step());
            assertThat(sent.requests().getFirst().key().attempt()).isEqualTo(2);
        });
        assertThat(core.workers(LEASE_MILLIS + 1))
                .extracting(DispatchCore.WorkerView::silent)
                .containsExactly(true, false);
        assertThat(requests(core.submit(extensions("p2", 1), 1, LEASE_MILLIS + 1)))
                .isEmpty();
    }

    @Test
    void renewalsKeepALeaseForAsLongAsTheyCome() {
        var policy = meet("w", Role.POLICY, 1);
        core.offer(policy, 1, true, 0);
        core.submit(extensions("p1", 1), 1, 0);

        for (long now = 300; now < 60_000; now += 300) {
            renew(policy, 1, 1, List.of(0L), now);
            assertThat(core.tick(now)).isEmpty();
        }
    }

    /** A false alarm does no harm: whichever answer comes first counts, and the other attempt is cancelled. */
    @Test
    void lateResultOfAnEndedLeaseCountsAndCancelsTheOtherAttempt() {
        var slow = meet("slow", Role.POLICY, 1);
        core.offer(slow, 1, true, 0);
        var late = requests(core.submit(extensions("p1", 1), 1, 0)).getFirst();
        var other = meet("other", Role.POLICY, 1, 1400);
        core.offer(other, 1, true, 1400);
        var retry = requests(core.tick(LEASE_MILLIS)).getFirst();

        var effects = core.extended(slow, List.of(Works.answer(late)), 1600);
        var repeated = core.extended(other, List.of(Works.answer(retry)), 1700);

        assertThat(effects)
                .containsExactly(
                        new DispatchEffect.CancelLeases(other, List.of(retry.lease())),
                        new DispatchEffect.Deliver(
                                new WorkResult.Extended(late.key().step(), Works.step(late.seed()), Works.USAGE)));
        assertThat(repeated)
                .containsExactly(new DispatchEffect.Deliver(
                        new WorkResult.Wasted(late.key().step(), Works.USAGE)));
    }

    /** The story: a draining worker holds the prefix and free slots, and refused the same work eight times. */
    @Test
    void drainingWorkerGetsNoWork() {
        var policy = meet("w", Role.POLICY, 8);
        core.offer(policy, 8, true, 0);
        core.renew(policy, 8, 0, 0, true, List.of(), new WorkerStatus(1, 0, 0, 0, 0, 0, "", true), 100);

        assertThat(core.submit(extensions("p1", 1), 1, 200)).isEmpty();
    }

    // ---- whose turn it is

    @Test
    void oldestProblemIsServedFirstAndWithinItTheOrderOfArrival() {
        var policy = meet("w", Role.POLICY, 1);
        core.submit(extensions("young", 2), 30, 0);
        core.submit(extensions("old", 2), 10, 0);
        core.submit(extensions("middle", 1), 20, 0);
        var served = new ArrayList<String>();

        for (int slot = 1; slot <= 5; slot++) {
            for (var request : requests(core.offer(policy, slot, true, slot))) {
                served.add(request.key().step().problem() + request.key().step().slot());
            }
        }

        assertThat(served).containsExactly("old0", "old1", "middle0", "young0", "young1");
    }

    @Test
    void workGoesToAWorkerOfItsRoleAndModelAndWaitsOtherwise() {
        core.offer(meet("prm", Role.PRM, 9), 9, true, 0);
        core.announce(Works.worker("other", Role.POLICY, "another-policy", 9), 0);
        core.offer("other", 9, true, 0);

        assertThat(core.submit(extensions("p1", 2), 1, 0)).isEmpty();
        assertThat(core.waitingByModel(Role.POLICY)).containsExactly(Map.entry(Works.POLICY, 2));
        assertThat(core.waitingByModel(Role.PRM)).isEmpty();
        assertThat(core.submit(List.of(Works.scoring("p1", 0)), 1, 0))
                .singleElement()
                .isInstanceOf(DispatchEffect.SendScore.class);
        assertThat(requests(core.submit(List.of(Works.extension("p1", 5, "another-policy")), 1, 0)))
                .hasSize(1);
    }

    @Test
    void workerThatHoldsThePrefixIsPreferredAndTheFreestOtherwise() {
        var one = meet("one", Role.POLICY, 8);
        var other = meet("other", Role.POLICY, 8);
        core.offer(one, 1, true, 0);
        core.offer(other, 5, true, 0);
        assertThat(workerOf(core.submit(List.of(at("p1", 0, 1, 0)), 1, 0))).isEqualTo(other);
        core.extended(
                other,
                List.of(new ExtendResult.Generated(
                        new AttemptKey(at("p1", 0, 1, 0).key(), 1), 0, Works.step(1), Works.USAGE)),
                1);
        core.offer(one, 8, true, 2);

        assertThat(workerOf(core.submit(List.of(at("p1", 1, 2, 1)), 1, 3)))
                .as("it holds node 1")
                .isEqualTo(other);
        assertThat(workerOf(core.submit(List.of(at("p1", 2, 3, 9)), 1, 3)))
                .as("nobody holds node 9")
                .isEqualTo(one);
    }

    // ---- trouble

    @Test
    void refusedWorkIsTriedAgainWithTheSameSeedAfterAGrowingWaitUntilItFails() {
        var policy = meet("w", Role.POLICY, 1);
        long now = 0;
        core.offer(policy, 1, true, now);
        var effects = core.submit(extensions("p1", 1), 1, now);
        for (int attempt = 1; attempt < 8; attempt++) {
            var request = requests(effects).getFirst();
            assertThat(request.key().attempt()).isEqualTo(attempt);
            assertThat(request.seed()).isEqualTo(Works.seed(request.key().step()));
            assertThat(core.extended(policy, List.of(Works.refusal(request, Category.BACKEND_UNAVAILABLE)), now))
                    .isEmpty();
            core.offer(policy, 1 + attempt, true, now);
            long whole = Math.min(5000, 100L << attempt - 1);
            long refusedAt = now;
            for (effects = List.of(); effects.isEmpty(); now++) {
                renew(policy, 1 + attempt, attempt, List.of(), now);
                effects = core.tick(now);
            }
            assertThat(now - 1 - refusedAt).as("wait after attempt %d", attempt).isBetween(whole / 2, whole);
        }

        var last = requests(effects).getFirst();
        var failed = core.extended(policy, List.of(Works.refusal(last, Category.BACKEND_UNAVAILABLE)), now);

        assertThat(failed)
                .singleElement()
                .isInstanceOfSatisfying(
                        DispatchEffect.Deliver.class,
                        delivered -> assertThat(delivered.result())
                                .isInstanceOfSatisfying(WorkResult.Failed.class, result -> {
                                    assertThat(result.attempts()).isEqualTo(8);
                                    assertThat(result.refusal().category()).isEqualTo(Category.BACKEND_UNAVAILABLE);
                                }));
        assertThat(core.tick(now + 100_000)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Category.class)
    void refusalIsTriedAgainExactlyWhenItsCategorySaysSo(Category category) {
        var policy = meet("w", Role.POLICY, 1);
        core.offer(policy, 1, true, 0);
        var request = requests(core.submit(extensions("p1", 1), 1, 0)).getFirst();

        var effects = core.extended(policy, List.of(Works.refusal(request, category)), 1);

        assertThat(effects.stream().anyMatch(DispatchEffect.Deliver.class::isInstance))
                .isEqualTo(!category.retryable());
    }

    @Test
    void workOfAWorkerThatLeavesGoesToAnotherAtOnce() {
        var leaving = meet("leaving", Role.POLICY, 2);
        core.offer(leaving, 2, true, 0);
        core.submit(extensions("p1", 2), 1, 0);
        var other = meet("other", Role.POLICY, 2);
        core.offer(other, 2, true, 1);

        var effects = core.leave(leaving, 2);

        assertThat(workerOf(effects)).isEqualTo(other);
        assertThat(requests(effects))
                .hasSize(2)
                .allMatch(request -> request.key().attempt() == 2);
        assertThat(core.knows(leaving)).isFalse();
        assertThat(core.leave(leaving, 3)).isEmpty();
    }

    /** Workers that all die with the same work, one after the other, end it with a typed failure. */
    @Test
    void deathsOfWorkersCountAsAttempts() {
        core.submit(extensions("p1", 1), 1, 0);
        List<DispatchEffect> effects = List.of();
        for (int attempt = 1; attempt <= 8; attempt++) {
            var worker = meet("w" + attempt, Role.POLICY, 1);
            assertThat(requests(core.offer(worker, 1, true, attempt))).hasSize(1);
            effects = core.leave(worker, attempt);
        }

        assertThat(effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        DispatchEffect.Deliver.class,
                        delivered -> assertThat(delivered.result())
                                .isInstanceOfSatisfying(WorkResult.Failed.class, failed -> {
                                    assertThat(failed.attempts()).isEqualTo(8);
                                    assertThat(failed.refusal().detail())
                                            .contains("worker [w8] left while it held the lease");
                                }));
    }

    @Test
    void forgettingAProblemCancelsItsLeasesAndDropsWhatWaits() {
        var policy = meet("w", Role.POLICY, 2);
        core.offer(policy, 2, true, 0);
        var requests = requests(core.submit(extensions("p1", 4), 1, 0));
        core.submit(extensions("p2", 1), 2, 0);

        var effects = core.forget("job", "p1");

        assertThat(effects).containsExactly(new DispatchEffect.CancelLeases(policy, List.of(0L, 1L)));
        assertThat(core.waitingByModel(Role.POLICY)).containsEntry(Works.POLICY, 1);
        assertThat(core.extended(policy, List.of(Works.answer(requests.getFirst())), 1))
                .as("a result nobody waits for")
                .containsExactly(new DispatchEffect.Deliver(
                        new WorkResult.Wasted(requests.getFirst().key().step(), Works.USAGE)));
    }

    @Test
    void repeatOfWorkUnderWayChangesNothing() {
        var policy = meet("w", Role.POLICY, 4);
        core.offer(policy, 1, true, 0);
        core.submit(extensions("p1", 2), 1, 0);

        assertThat(core.submit(extensions("p1", 2), 1, 1)).isEmpty();
        assertThat(core.waitingByModel(Role.POLICY)).containsEntry(Works.POLICY, 1);
    }

    @Test
    void roomIsBounded() {
        var small = new DispatchCore(
                new DispatchSettings(Duration.ofSeconds(1), 1, Duration.ofMillis(1), Duration.ofMillis(1), 3),
                Placement.holderFirst());
        small.submit(extensions("p1", 2), 1, 0);

        assertThat(small.hasRoomFor(1)).isTrue();
        assertThat(small.hasRoomFor(2)).isFalse();
    }

    // ---- sharing workers with other dispatchers

    @Test
    void idleSlotsArePassedOnUnlessTheyMayBeKept() {
        var policy = meet("w", Role.POLICY, 4);

        assertThat(core.offer(policy, 2, true, 0)).isEmpty();
        assertThat(core.offer(policy, 3, false, 1)).containsExactly(new DispatchEffect.PassOn(policy, 3));
        assertThat(core.offer(policy, 3, false, 2)).isEmpty();
    }

    @Test
    void renewalThatDoesNotKnowOfReturnedSlotsIsToldAgain() {
        var policy = meet("w", Role.POLICY, 4);
        core.offer(policy, 2, false, 0);

        assertThat(core.renew(policy, 2, 0, 0, false, List.of(), WELL, 300))
                .containsExactly(new DispatchEffect.PassOn(policy, 2));
        assertThat(core.renew(policy, 2, 2, 0, false, List.of(), WELL, 600)).isEmpty();
    }

    @Test
    void workThatWaitsWakesWorkersThatSharedTheirSlotsAndAgainWithEveryRenewal() {
        var policy = meet("w", Role.POLICY, 4);
        core.offer(policy, 2, false, 0);

        assertThat(core.submit(extensions("p1", 1), 1, 1))
                .containsExactly(new DispatchEffect.TellWorkAvailable(policy));
        assertThat(core.submit(extensions("p1", 2), 1, 2)).as("it was told").isEmpty();
        assertThat(core.renew(policy, 2, 2, 0, false, List.of(), WELL, 300))
                .as("the word may be lost")
                .containsExactly(new DispatchEffect.TellWorkAvailable(policy));
        assertThat(requests(core.offer(policy, 3, false, 400))).hasSize(1);
    }

    // ---- helpers

    private String meet(String id, Role role, int slots) {
        return meet(id, role, slots, 0);
    }

    private String meet(String id, Role role, int slots, long nowMillis) {
        core.announce(Works.worker(id, role, slots), nowMillis);
        return id;
    }

    private List<DispatchEffect> renew(String worker, long offered, long received, List<Long> held, long nowMillis) {
        return core.renew(worker, offered, 0, received, true, held, WELL, nowMillis);
    }

    private static List<Work> extensions(String problem, int count) {
        return IntStream.range(0, count)
                .<Work>mapToObj(slot -> Works.extension(problem, slot))
                .toList();
    }

    private static Work.Extension at(String problem, int slot, int node, int parent) {
        var work = Works.extension(problem, slot);
        return new Work.Extension(
                work.key(),
                work.model(),
                work.prompt(),
                new NodeReference("job", problem, node),
                new NodeReference("job", problem, parent),
                work.prefix(),
                work.sampling(),
                work.seed(),
                work.stops(),
                work.maxStepTokens(),
                work.maxTokens());
    }

    private static List<ExtendRequest> requests(List<DispatchEffect> effects) {
        return effects.stream()
                .filter(DispatchEffect.SendExtend.class::isInstance)
                .map(DispatchEffect.SendExtend.class::cast)
                .flatMap(sent -> sent.requests().stream())
                .toList();
    }

    private static String workerOf(List<DispatchEffect> effects) {
        return effects.stream()
                .filter(DispatchEffect.SendExtend.class::isInstance)
                .map(DispatchEffect.SendExtend.class::cast)
                .map(DispatchEffect.SendExtend::workerId)
                .findFirst()
                .orElseThrow();
    }
}
