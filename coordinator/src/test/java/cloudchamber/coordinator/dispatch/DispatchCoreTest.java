package cloudchamber.coordinator.dispatch;

import static cloudchamber.coordinator.dispatch.Works.WELL;
import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.dispatch.DispatchWorld.Trouble;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DispatchCoreTest {
    private static final long LEASE_MILLIS = 1500;

    private final DispatchCore core = new DispatchCore(DispatchWorld.SETTINGS, Placement.leastCost());

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
        core.submit(extensions("p1", 10), 1, 1, 0);

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
        assertThat(requests(core.submit(extensions("p1", 4), 1, 1, 0))).hasSize(4);

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
        core.submit(extensions("p1", 2), 1, 1, 0);
        core.forget("job", "p1");
        core.submit(extensions("p2", 2), 2, 1, 5);

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
        core.submit(extensions("p1", 3), 1, 1, 0);
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
        var first = requests(core.submit(extensions("p1", 1), 1, 1, 0)).getFirst();
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
                .extracting(WorkerView::silent)
                .containsExactly(true, false);
        assertThat(requests(core.submit(extensions("p2", 1), 1, 1, LEASE_MILLIS + 1)))
                .isEmpty();
    }

    @Test
    void renewalsKeepALeaseForAsLongAsTheyCome() {
        var policy = meet("w", Role.POLICY, 1);
        core.offer(policy, 1, true, 0);
        core.submit(extensions("p1", 1), 1, 1, 0);

        for (long now = 300; now < 25_000; now += 300) {
            renew(policy, 1, 1, List.of(0L), now);
            assertThat(core.tick(now)).isEmpty();
        }
    }

    /** A false alarm does no harm: whichever answer comes first counts, and the other attempt is cancelled. */
    @Test
    void lateResultOfAnEndedLeaseCountsAndCancelsTheOtherAttempt() {
        var slow = meet("slow", Role.POLICY, 1);
        core.offer(slow, 1, true, 0);
        var late = requests(core.submit(extensions("p1", 1), 1, 1, 0)).getFirst();
        var other = meet("other", Role.POLICY, 1, 1400);
        core.offer(other, 1, true, 1400);
        var retry = requests(core.tick(LEASE_MILLIS)).getFirst();

        var effects = core.extended(slow, List.of(Works.answer(late)), null, 1600);
        var repeated = core.extended(other, List.of(Works.answer(retry)), null, 1700);

        assertThat(effects)
                .containsExactly(
                        new DispatchEffect.CancelLeases(other, List.of(retry.lease())),
                        new DispatchEffect.Deliver(new WorkResult.Extended(
                                late.key().step(), Works.step(late.seed()), Works.USAGE, Works.NUMERICS.id())));
        assertThat(repeated)
                .containsExactly(new DispatchEffect.Deliver(
                        new WorkResult.Wasted(late.key().step(), Works.USAGE)));
    }

    /** The story: a draining worker holds the prefix and free slots, and refused the same work eight times. */
    @Test
    void drainingWorkerGetsNoWork() {
        var policy = meet("w", Role.POLICY, 8);
        core.offer(policy, 8, true, 0);
        core.renew(policy, 8, 0, 0, true, List.of(), new WorkerStatus(1, 0, 0, 0, 0, 0, "", 0, true), 100);

        assertThat(core.submit(extensions("p1", 1), 1, 1, 200)).isEmpty();
    }

    // ---- which bits

    /** A job that asks for a class waits for its workers, and others are served by the rest meanwhile. */
    @Test
    void workOfOneNumericsFamilyGoesToWorkersOfItOnly() {
        announce("avx512", new NumericsClass("l", "zen4", "00", "c"));
        core.offer("avx512", 4, true, 0);

        assertThat(requests(core.submit(List.of(of("wanted", 0, "l/haswell")), 1, 1, 0)))
                .isEmpty();
        assertThat(requests(core.submit(List.of(of("any", 0, null), of("any", 1, null)), 2, 1, 0)))
                .hasSize(2);
        assertThat(core.waitingByModel(Role.POLICY)).isEqualTo(Map.of(Works.POLICY, 1));

        announce("avx2", new NumericsClass("l", "haswell", "00", "c"));
        var effects = core.offer("avx2", 1, true, 0);
        assertThat(workerOf(effects)).isEqualTo("avx2");
        var request = requests(effects).getFirst();
        assertThat(request.key().step().job()).isEqualTo("wanted");
        assertThat(core.extended("avx2", List.of(Works.answer(request)), null, 10))
                .contains(new DispatchEffect.Deliver(new WorkResult.Extended(
                        request.key().step(), Works.step(request.seed()), Works.USAGE, "l/haswell/00/c", 10)));
    }

    @Test
    void aJobThatWaitsForItsClassHoldsUpNobody() {
        announce("avx512", new NumericsClass("l", "zen4", "00", "c"));
        var wanted = IntStream.range(0, 1000)
                .mapToObj(slot -> of("wanted", slot, "l/haswell"))
                .toList();
        core.submit(wanted, 1, 1, 0);
        core.submit(List.of(of("other", 0, null)), 2, 1, 0);

        assertThat(requests(core.offer("avx512", 4, false, 0))).hasSize(1);
        assertThat(core.offer("avx512", 5, false, 0)).allMatch(DispatchEffect.PassOn.class::isInstance);
    }

    private void announce(String id, NumericsClass numerics) {
        core.announce(
                new WorkerAnnouncement(id, Role.POLICY, "node", 1, Works.POLICY, "00", "none", numerics, 8, 100), 0);
    }

    private static Work.Extension of(String job, int slot, String family) {
        var key = new StepKey(job, "p", 0, 0, 0, slot, Purpose.EXTEND);
        var work = Works.extension("p", slot);
        return new Work.Extension(
                key,
                work.model(),
                work.prompt(),
                new NodeReference(job, "p", slot + 1),
                new NodeReference(job, "p", 0),
                work.prefix(),
                work.sampling(),
                Works.seed(key),
                work.stops(),
                work.maxStepTokens(),
                work.maxTokens(),
                family);
    }

    // ---- whose turn it is

    @Test
    void oldestProblemIsServedFirstAndWithinItTheOrderOfArrival() {
        var policy = meet("w", Role.POLICY, 1);
        core.submit(extensions("young", 2), 30, 1, 0);
        core.submit(extensions("old", 2), 10, 1, 0);
        core.submit(extensions("middle", 1), 20, 1, 0);
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

        assertThat(core.submit(extensions("p1", 2), 1, 1, 0)).isEmpty();
        assertThat(core.waitingByModel(Role.POLICY)).containsExactly(Map.entry(Works.POLICY, 2));
        assertThat(core.waitingByModel(Role.PRM)).isEmpty();
        assertThat(core.submit(List.of(Works.scoring("p1", 0)), 1, 1, 0))
                .singleElement()
                .isInstanceOf(DispatchEffect.SendScore.class);
        assertThat(requests(core.submit(List.of(Works.extension("p1", 5, "another-policy")), 1, 1, 0)))
                .hasSize(1);
    }

    @Test
    void workerThatHoldsThePrefixIsPreferredAndTheFreestOtherwise() {
        var one = meet("one", Role.POLICY, 8);
        var other = meet("other", Role.POLICY, 8);
        core.offer(one, 1, true, 0);
        core.offer(other, 5, true, 0);
        assertThat(workerOf(core.submit(List.of(at("p1", 0, 1, 0)), 1, 1, 0))).isEqualTo(other);
        core.extended(
                other,
                List.of(new ExtendResult.Generated(
                        new AttemptKey(at("p1", 0, 1, 0).key(), 1), 0, Works.step(1), Works.USAGE)),
                null,
                1);
        core.offer(one, 8, true, 2);

        assertThat(workerOf(core.submit(List.of(at("p1", 1, 2, 1)), 1, 1, 3)))
                .as("it holds node 1")
                .isEqualTo(other);
        assertThat(workerOf(core.submit(List.of(at("p1", 2, 3, 9)), 1, 1, 3)))
                .as("nobody holds node 9")
                .isEqualTo(one);
    }

    /** Two jobs with work hold slots by their weights, whoever was first; one alone holds all. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void jobsShareTheSlotsByTheirWeights(int weight) {
        var policy = meet("w", Role.POLICY, 1000);
        core.submit(works("first", 1000), 1, 1, 0);
        core.offer(policy, 80, true, 0);
        core.submit(works("later", 1000), 2, weight, 0);

        var held = new HashMap<String, Integer>(Map.of("first", 80));
        var running = new ArrayList<ExtendRequest>();
        for (int slot = 81; slot <= 400; slot++) {
            var request = requests(core.offer(policy, slot, true, 0)).getFirst();
            held.merge(request.key().step().job(), 1, Integer::sum);
            running.add(request);
        }

        assertThat(held.get("later")).isEqualTo(400 * weight / (1 + weight));
        core.forget("later", "p1");
        assertThat(requests(core.offer(policy, 401, true, 0))
                        .getFirst()
                        .key()
                        .step()
                        .job())
                .isEqualTo("first");
    }

    @Test
    void fewestRoundsFirstServesWhoHasGotLeast() {
        var fewest = new DispatchCore(settings(DispatchSettings.Order.FEWEST_ROUNDS), Placement.leastCost());
        fewest.announce(Works.worker("w", Role.POLICY, 9), 0);
        fewest.submit(List.of(inRound("old", 3)), 1, 1, 0);
        fewest.submit(List.of(inRound("young", 1)), 2, 1, 0);

        assertThat(requests(fewest.offer("w", 1, true, 0))
                        .getFirst()
                        .key()
                        .step()
                        .problem())
                .isEqualTo("young");
    }

    // ---- prefixes

    /** A slot of a worker goes to the work whose prefix lies there, not to older work whose prefix lies elsewhere. */
    @Test
    void workIsPassedOverForItsHolderWhileThereIsOtherWorkForTheSlotAndNotForEver() {
        var one = meet("one", Role.POLICY, 64);
        var other = meet("other", Role.POLICY, 64);
        hold(one, 1, 1);
        hold(other, 2, 1);
        core.submit(List.of(at("p1", 0, 10, 1)), 1, 1, 10);
        for (int slot = 1; slot <= 150; slot++) {
            core.submit(List.of(at("p1", slot, 10 + slot, 2)), 1, 1, 10);
        }

        var order = new ArrayList<Integer>();
        for (int slot = 2; slot <= 140; slot++) {
            requests(core.offer(other, slot, true, 10))
                    .forEach(request -> order.add(request.key().step().slot()));
        }

        assertThat(order.indexOf(0))
                .as("64 passes for each of 2 workers, then its turn")
                .isEqualTo(128);
    }

    /** Nothing else is left for the slot: the work waits as long as reading again would cost, and no longer. */
    @Test
    void workWaitsForItsHolderAsLongAsReadingAgainWouldCost() {
        var one = meet("one", Role.POLICY, 64);
        var other = meet("other", Role.POLICY, 64);
        hold(one, 1, 1);
        core.offer(other, 1, true, 10);
        var work = at("p1", 5, 10, 1, 3000);

        assertThat(requests(core.submit(List.of(work), 1, 1, 10)))
                .as("3,000 tokens take 100 ms to read and count fourfold, the holder has a slot within a few")
                .isEmpty();
        assertThat(requests(core.tick(360))).isEmpty();
        assertThat(workerOf(core.tick(420))).isEqualTo(other);
    }

    @Test
    void workDoesNotWaitForAHolderThatTakesLongerThanReadingAgain() {
        var one = meet("one", Role.POLICY, 1);
        var other = meet("other", Role.POLICY, 64);
        hold(one, 1, 1000);
        core.offer(other, 1, true, 1100);

        assertThat(workerOf(core.submit(List.of(at("p1", 5, 10, 1, 3000)), 1, 1, 1100)))
                .isEqualTo(other);
    }

    /** The request to a worker that holds the prefix names it; if it does not after all, it gets the whole. */
    @Test
    void holderIsSentTheNodeAloneAndAllOfItIfItForgot() {
        var one = meet("one", Role.POLICY, 64);
        hold(one, 1, 1);

        core.offer(one, 2, true, 10);
        var brief =
                requests(core.submit(List.of(at("p1", 5, 10, 1, 40)), 1, 1, 10)).getFirst();
        core.offer(one, 3, true, 11);
        var whole = requests(core.extended(one, List.of(Works.refusal(brief, Category.PREFIX_UNKNOWN)), null, 12))
                .getFirst();

        assertThat(brief.prompt()).isNull();
        assertThat(brief.prefix()).isEmpty();
        assertThat(brief.held()).isEqualTo(PrefixStep.digest(whole.prefix()));
        assertThat(whole.prompt()).isNotNull();
        assertThat(whole.prefix()).hasSize(1);
        assertThat(whole.key().attempt()).isEqualTo(2);
    }

    @Test
    void forgettingWorkersAreNoFailedTries() {
        var one = meet("one", Role.POLICY, 64);
        hold(one, 1, 1);
        core.offer(one, 2, true, 10);
        var request =
                requests(core.submit(List.of(at("p1", 5, 10, 1)), 1, 1, 10)).getFirst();
        for (int slot = 3; slot < 10; slot++) {
            core.offer(one, slot, true, 10);
            var effects = core.extended(one, List.of(Works.refusal(request, Category.PREFIX_UNKNOWN)), null, 10);
            request = requests(effects).getFirst();
        }
        core.offer(one, 10, true, 10);

        assertThat(core.extended(one, List.of(Works.refusal(request, Category.PREFIX_UNKNOWN)), null, 10))
                .as("the 8th time")
                .noneMatch(DispatchEffect.Deliver.class::isInstance);
    }

    // ---- sizes

    @Test
    void whatIsTooLargeForAWireFailsAtOnceAndLargeBatchesAreSplit() {
        var one = meet("one", Role.POLICY, 64);
        core.offer(one, 9, true, 0);
        var text = "x".repeat(60_000);
        var large = IntStream.range(0, 4)
                .mapToObj(slot -> at("p1", slot, slot + 1, 100 + slot, text, 8))
                .toList();

        var effects = core.submit(large, 1, 1, 0);
        var failed = core.submit(List.of(at("p1", 9, 10, 99, text, 20)), 1, 1, 0);

        assertThat(effects)
                .hasSize(2)
                .allSatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                DispatchEffect.SendExtend.class,
                                sent -> assertThat(sent.requests()).hasSize(2)));
        assertThat(failed)
                .singleElement()
                .isInstanceOfSatisfying(
                        DispatchEffect.Deliver.class,
                        delivered -> assertThat(delivered.result())
                                .isInstanceOfSatisfying(
                                        WorkResult.Failed.class,
                                        result -> assertThat(result.refusal().category())
                                                .isEqualTo(Category.INVALID_REQUEST)));
    }

    // ---- health

    @Test
    void workerWithoutProgressIsEjectedProbedAndTakenBack() {
        var hung = meet("hung", Role.POLICY, 4);
        core.offer(hung, 4, true, 0);
        core.submit(extensions("p1", 6), 1, 1, 0);
        for (long now = 300; now < 30_000; now += 300) {
            renew(hung, 4, 4, List.of(0L, 1L, 2L, 3L), now);
            assertThat(core.tick(now)).isEmpty();
        }

        renew(hung, 4, 4, List.of(0L, 1L, 2L, 3L), 30_000);
        assertThat(core.tick(30_000))
                .anyMatch(DispatchEffect.TellEjected.class::isInstance)
                .contains(new DispatchEffect.CancelLeases(hung, List.of(0L, 1L, 2L, 3L)));
        assertThat(core.workers(30_000)).extracting(WorkerView::ejected).containsExactly(true);
        assertThat(renew(hung, 8, 4, List.of(), 30_300)).as("it rests").isEmpty();

        var probes = requests(renew(hung, 8, 4, List.of(), 35_000));
        assertThat(probes).hasSize(1);
        var effects = core.extended(hung, List.of(Works.answer(probes.getFirst())), null, 35_100);
        assertThat(effects).contains(new DispatchEffect.TellTakenBack(hung));
        assertThat(requests(effects)).as("it works again").hasSize(3);
    }

    /** The story: a worker whose backend is down refuses at once, and would draw all work to itself. */
    @Test
    void workerThatAnswersOnlyTroubleIsEjected() {
        var broken = meet("broken", Role.POLICY, 4);
        core.offer(broken, 3, true, 0);
        var requests = requests(core.submit(extensions("p1", 4), 1, 1, 0));

        var effects = core.extended(
                broken,
                requests.stream()
                        .map(request -> Works.refusal(request, Category.BACKEND_UNAVAILABLE))
                        .toList(),
                null,
                10);
        core.offer(broken, 7, true, 10);

        assertThat(effects).anyMatch(DispatchEffect.TellEjected.class::isInstance);
        assertThat(requests(core.tick(1000))).isEmpty();
    }

    // ---- trouble

    @Test
    void refusedWorkIsTriedAgainWithTheSameSeedAfterAGrowingWait() {
        var policy = meet("w", Role.POLICY, 1);
        long now = 0;
        core.offer(policy, 1, true, now);
        var effects = core.submit(extensions("p1", 1), 1, 1, now);
        for (int attempt = 1; attempt < 20; attempt++) {
            var request = requests(effects).getFirst();
            assertThat(request.key().attempt()).isEqualTo(attempt);
            assertThat(request.seed()).isEqualTo(Works.seed(request.key().step()));
            assertThat(core.extended(policy, List.of(Works.refusal(request, Category.OVERLOADED)), null, now))
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

        assertThat(core.counts().retries()).isEqualTo(Map.of("overloaded", 19L));
        assertThat(core.counts().durations()).isEmpty();
    }

    @Test
    void whatWaitedAndWhatItTookIsCounted() {
        var policy = meet("w", Role.POLICY, 1);
        core.submit(extensions("p1", 1), 1, 1, 0);
        var request = requests(core.offer(policy, 1, true, 40)).getFirst();
        renew(policy, 1, 1, List.of(request.lease()), 300);
        core.extended(policy, List.of(Works.answer(request)), null, 2540);

        var durations = core.counts().durations();
        assertThat(durations.get(DispatchCounts.Phase.WAIT).seconds()).isEqualTo(.04);
        assertThat(durations.get(DispatchCounts.Phase.GENERATE).seconds()).isEqualTo(2.5);
        assertThat(durations.get(DispatchCounts.Phase.GENERATE).counts().get(8)).isOne();
        assertThat(durations).doesNotContainKey(DispatchCounts.Phase.SCORE);
    }

    @ParameterizedTest
    @EnumSource(Category.class)
    void refusalIsTriedAgainExactlyWhenItsCategorySaysSo(Category category) {
        var policy = meet("w", Role.POLICY, 1);
        core.offer(policy, 1, true, 0);
        var request = requests(core.submit(extensions("p1", 1), 1, 1, 0)).getFirst();

        var effects = core.extended(policy, List.of(Works.refusal(request, category)), null, 1);

        assertThat(effects.stream().anyMatch(DispatchEffect.Deliver.class::isInstance))
                .isEqualTo(!category.retryable());
    }

    @Test
    void workOfAWorkerThatLeavesGoesToAnotherAtOnce() {
        var leaving = meet("leaving", Role.POLICY, 2);
        core.offer(leaving, 2, true, 0);
        core.submit(extensions("p1", 2), 1, 1, 0);
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

    @Test
    void forgettingAProblemCancelsItsLeasesAndDropsWhatWaits() {
        var policy = meet("w", Role.POLICY, 2);
        core.offer(policy, 2, true, 0);
        var requests = requests(core.submit(extensions("p1", 4), 1, 1, 0));
        core.submit(extensions("p2", 1), 2, 1, 0);

        var effects = core.forget("job", "p1");

        assertThat(effects).containsExactly(new DispatchEffect.CancelLeases(policy, List.of(0L, 1L)));
        assertThat(core.waitingByModel(Role.POLICY)).containsEntry(Works.POLICY, 1);
        assertThat(core.extended(policy, List.of(Works.answer(requests.getFirst())), null, 1))
                .as("a result nobody waits for")
                .containsExactly(new DispatchEffect.Deliver(
                        new WorkResult.Wasted(requests.getFirst().key().step(), Works.USAGE)));
    }

    @Test
    void repeatOfWorkUnderWayChangesNothing() {
        var policy = meet("w", Role.POLICY, 4);
        core.offer(policy, 1, true, 0);
        core.submit(extensions("p1", 2), 1, 1, 0);

        assertThat(core.submit(extensions("p1", 2), 1, 1, 1)).isEmpty();
        assertThat(core.waitingByModel(Role.POLICY)).containsEntry(Works.POLICY, 1);
    }

    @Test
    void roomIsBounded() {
        var small = new DispatchCore(
                new DispatchSettings(
                        Duration.ofSeconds(1),
                        1,
                        Duration.ofMinutes(1),
                        Duration.ofMillis(1),
                        Duration.ofMillis(1),
                        3,
                        DispatchSettings.Order.OLDEST,
                        30_000,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5)),
                Placement.leastCost());
        small.submit(extensions("p1", 2), 1, 1, 0);

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

        assertThat(core.submit(extensions("p1", 1), 1, 1, 1))
                .containsExactly(new DispatchEffect.TellWorkAvailable(policy));
        assertThat(core.submit(extensions("p1", 2), 1, 1, 2)).as("it was told").isEmpty();
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

    /** Has {@code worker} draw node {@code node} of p1, which takes {@code millis}; its slot is gone afterwards. */
    private void hold(String worker, int node, long millis) {
        core.offer(worker, 1, true, 0);
        var request = requests(core.submit(List.of(at("p1", 100 + node, node, 100 + node)), 1, 1, 0))
                .getFirst();
        core.extended(worker, List.of(Works.answer(request)), null, millis);
    }

    private static List<Work> works(String job, int count) {
        return extensions("p1", count).stream()
                .<Work>map(work -> withKey(
                        (Work.Extension) work,
                        new StepKey(job, "p1", 0, 0, 0, work.key().slot(), Purpose.EXTEND),
                        work.prefix(),
                        work.node().node(),
                        0))
                .toList();
    }

    private static Work.Extension inRound(String problem, int round) {
        return withKey(
                Works.extension(problem, 0),
                new StepKey("job", problem, 0, 0, round, 0, Purpose.EXTEND),
                List.of(),
                1,
                0);
    }

    private static DispatchSettings settings(DispatchSettings.Order order) {
        return new DispatchSettings(
                Duration.ofMillis(LEASE_MILLIS),
                8,
                Duration.ofMinutes(10),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                100,
                order,
                30_000,
                Duration.ofSeconds(30),
                Duration.ofSeconds(5));
    }

    private static Work.Extension at(String problem, int slot, int node, int parent) {
        return at(problem, slot, node, parent, 0);
    }

    /** Work whose prefix is one step of so many tokens, or none. */
    private static Work.Extension at(String problem, int slot, int node, int parent, int tokens) {
        var prefix =
                tokens == 0 ? List.<PrefixStep>of() : List.of(new PrefixStep("step", Collections.nCopies(tokens, 1)));
        return withKey(
                Works.extension(problem, slot), Works.extension(problem, slot).key(), prefix, node, parent);
    }

    private static Work.Extension at(String problem, int slot, int node, int parent, String text, int steps) {
        return withKey(
                Works.extension(problem, slot),
                Works.extension(problem, slot).key(),
                Collections.nCopies(steps, new PrefixStep(text, List.of())),
                node,
                parent);
    }

    private static Work.Extension withKey(
            Work.Extension work, StepKey key, List<PrefixStep> prefix, int node, int parent) {
        var problem = key.problem();
        return new Work.Extension(
                key,
                work.model(),
                work.prompt(),
                new NodeReference(key.job(), problem, node),
                new NodeReference(key.job(), problem, parent),
                prefix,
                work.sampling(),
                Works.seed(key),
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
