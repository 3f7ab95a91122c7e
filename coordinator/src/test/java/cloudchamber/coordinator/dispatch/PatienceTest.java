package cloudchamber.coordinator.dispatch;

import static cloudchamber.coordinator.dispatch.Works.WELL;
import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is retried, for how long, and what ends it: of infrastructure, of the work itself, of no worker at all. */
class PatienceTest {
    private static final long PATIENCE_MILLIS =
            DispatchWorld.SETTINGS.patience().toMillis();
    private static final long CALL_MILLIS = 2000;
    private static final long STEP_MILLIS = 100;

    private final DispatchCore core = new DispatchCore(DispatchWorld.SETTINGS, Placement.leastCost());
    /** The first failure of each problem that failed. */
    private final List<WorkResult.Failed> failed = new ArrayList<>();

    private long nowMillis;

    /** A worker whose answers the test decides; it takes a call's time for each. */
    private final class Server {
        private record Call(ExtendRequest extend, ScoreRequest score, long endsMillis) {
            long lease() {
                return extend != null ? extend.lease() : score.lease();
            }
        }

        private final String id;
        private final int slots;
        private final List<Call> calls = new ArrayList<>();
        private Function<Works.Request, Category> answer;
        private long received;
        private boolean alive;

        /** @param answer the refusal of a request; null for a result */
        Server(String id, Role role, int slots, Function<Works.Request, Category> answer) {
            this.id = id;
            this.slots = slots;
            this.answer = answer;
            this.alive = true;
            servers.add(this);
            core.announce(Works.worker(id, role, slots), nowMillis);
            perform(core.offer(id, slots, true, nowMillis));
        }

        void take(ExtendRequest extend, ScoreRequest score) {
            received++;
            calls.add(new Call(extend, score, nowMillis + CALL_MILLIS));
        }

        void step() {
            var over = calls.stream()
                    .filter(call -> call.endsMillis() <= nowMillis)
                    .toList();
            calls.removeAll(over);
            over.forEach(this::end);
            var held = calls.stream().map(Call::lease).toList();
            perform(core.renew(id, received + slots - calls.size(), 0, received, true, held, WELL, nowMillis));
        }

        private void end(Call call) {
            if (call.extend() != null) {
                var refusal = answer.apply(Works.Request.of(call.extend()));
                var result = refusal == null ? Works.answer(call.extend()) : Works.refusal(call.extend(), refusal);
                perform(core.extended(id, List.of(result), null, nowMillis));
            } else {
                var refusal = answer.apply(Works.Request.of(call.score()));
                var result = refusal == null ? Works.answer(call.score()) : Works.refusal(call.score(), refusal);
                perform(core.scored(id, List.of(result), null, nowMillis));
            }
        }

        void leave() {
            alive = false;
            calls.clear();
            perform(core.leave(id, nowMillis));
        }
    }

    private final List<Server> servers = new ArrayList<>();

    private void perform(List<DispatchEffect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case DispatchEffect.SendExtend(var worker, var requests) ->
                    requests.forEach(request -> server(worker).take(request, null));
                case DispatchEffect.SendScore(var worker, var requests) ->
                    requests.forEach(request -> server(worker).take(null, request));
                case DispatchEffect.Deliver(WorkResult.Failed failure) -> {
                    if (failed.stream()
                            .noneMatch(before ->
                                    before.key().problem().equals(failure.key().problem()))) {
                        failed.add(failure);
                    }
                    perform(core.forget(failure.key().job(), failure.key().problem()));
                }
                case DispatchEffect.CancelLeases(var worker, var leases) ->
                    server(worker).calls.removeIf(call -> leases.contains(call.lease()));
                case DispatchEffect.Deliver delivered -> {}
                case DispatchEffect.PassOn passOn -> {}
                case DispatchEffect.TellWorkAvailable available -> {}
                case DispatchEffect.TellEjected ejected -> {}
                case DispatchEffect.TellTakenBack back -> {}
            }
        }
    }

    private Server server(String id) {
        return servers.stream()
                .filter(server -> server.alive && server.id.equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void runFor(long millis) {
        for (long end = nowMillis + millis; nowMillis < end; ) {
            nowMillis += STEP_MILLIS;
            List.copyOf(servers).stream().filter(server -> server.alive).forEach(Server::step);
            perform(core.tick(nowMillis));
        }
    }

    private void submit(int problems, int pieces, Duration patience) {
        for (int problem = 0; problem < problems; problem++) {
            var name = "p" + problem;
            perform(core.submit(
                    IntStream.range(0, pieces)
                            .mapToObj(slot -> Works.extension(name, slot))
                            .toList(),
                    problem,
                    1,
                    patience,
                    nowMillis));
        }
    }

    private void submitScores(int problems, int pieces) {
        for (int problem = 0; problem < problems; problem++) {
            var name = "p" + problem;
            perform(core.submit(
                    IntStream.range(0, pieces)
                            .mapToObj(slot -> Works.scoring(name, slot))
                            .toList(),
                    problem,
                    1,
                    nowMillis));
        }
    }

    // ---- infrastructure

    /** The story: 332 of 400 problems failed when a starved machine let eight leases of a step run out. */
    @Test
    void lostLeasesAreNoTries() {
        submit(1, 1, null);
        for (int death = 0; death < 50; death++) {
            var worker = new Server("w" + death, Role.POLICY, 1, request -> null);
            runFor(STEP_MILLIS);
            worker.leave();
            runFor(5100);
        }
        new Server("well", Role.POLICY, 1, request -> null);
        runFor(10_000);

        assertThat(failed).isEmpty();
        assertThat(core.hasRoomFor(DispatchWorld.SETTINGS.maxWaiting())).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Category.class,
            names = {"OVERLOADED", "BACKEND_UNAVAILABLE", "MODEL_UNKNOWN", "TIMED_OUT", "STOPPING"})
    void infrastructureThatFailsIsRetriedForThePatienceOfTheWorkAndNoLonger(Category category) {
        new Server("broken", Role.POLICY, 4, request -> category);
        submit(30, 4, null);

        runFor(PATIENCE_MILLIS - 1000);
        assertThat(failed).isEmpty();
        assertThat(core.troubles())
                .singleElement()
                .isEqualTo(new Patience.Trouble(Role.POLICY, Works.POLICY, "because", 0));

        runFor(1000 + CALL_MILLIS + 1000);
        assertThat(failed).hasSize(30).allSatisfy(failure -> {
            assertThat(failure.refusal().category()).isEqualTo(Category.TIMED_OUT);
            assertThat(failure.refusal().detail()).contains("PT10M").contains("because");
        });
    }

    @Test
    void aJobMayHaveAPatienceOfItsOwn() {
        new Server("broken", Role.POLICY, 4, request -> Category.BACKEND_UNAVAILABLE);
        submit(1, 4, Duration.ofSeconds(30));

        runFor(28_000);
        assertThat(failed).isEmpty();
        runFor(2000 + CALL_MILLIS + 1000);
        assertThat(failed).hasSize(1);
    }

    /** A success of any worker of the model ends its trouble. */
    @Test
    void successEndsTheTrouble() {
        var flaky = new Server("flaky", Role.POLICY, 4, request -> Category.BACKEND_UNAVAILABLE);
        submit(1, 4, null);
        runFor(PATIENCE_MILLIS - 10_000);
        flaky.answer = request -> null;
        runFor(20_000);
        assertThat(core.troubles()).isEmpty();
        assertThat(core.hasRoomFor(DispatchWorld.SETTINGS.maxWaiting())).isTrue();
        assertThat(failed).isEmpty();
    }

    /** Work that came late into the trouble has its whole patience before it. */
    @Test
    void workHasItsWholePatience() {
        new Server("broken", Role.POLICY, 4, request -> Category.BACKEND_UNAVAILABLE);
        submit(1, 1, null);
        runFor(PATIENCE_MILLIS - 1000);
        perform(core.submit(List.of(Works.extension("late", 0)), 9, 1, nowMillis));

        runFor(PATIENCE_MILLIS - 2000);
        assertThat(failed).extracting(failure -> failure.key().problem()).containsExactly("p0");
        runFor(2000 + CALL_MILLIS + 1000);
        assertThat(failed).extracting(failure -> failure.key().problem()).containsExactly("p0", "late");
    }

    @Test
    void withoutAWorkerWorkWaitsAndItsClockStandsStill() {
        var broken = new Server("broken", Role.POLICY, 4, request -> Category.BACKEND_UNAVAILABLE);
        submit(1, 4, null);
        runFor(PATIENCE_MILLIS / 2);
        broken.leave();
        runFor(3 * PATIENCE_MILLIS);
        assertThat(failed).isEmpty();

        new Server("broken again", Role.POLICY, 4, request -> Category.BACKEND_UNAVAILABLE);
        runFor(PATIENCE_MILLIS / 2 - 2000);
        assertThat(failed).isEmpty();
        runFor(2000 + CALL_MILLIS + 2000);
        assertThat(failed).hasSize(1);
    }

    /** A text that breaks every server it meets ends by its own clock, while all other work succeeds. */
    @Test
    void workThatAloneMeetsTroubleEndsToo() {
        for (var id : List.of("one", "other")) {
            new Server(
                    id,
                    Role.POLICY,
                    2,
                    request -> request.key().step().problem().equals("poison") ? Category.BACKEND_UNAVAILABLE : null);
        }
        perform(core.submit(List.of(Works.extension("poison", 0)), 1, 1, nowMillis));
        for (int problem = 0; failed.isEmpty(); problem++) {
            assertThat(nowMillis).isLessThan(2 * PATIENCE_MILLIS);
            perform(core.submit(List.of(Works.extension("p" + problem, 0)), 9, 1, nowMillis));
            runFor(1000);
        }

        assertThat(failed).extracting(failure -> failure.key().problem()).containsExactly("poison");
        assertThat(nowMillis).isGreaterThan(PATIENCE_MILLIS / 2);
    }

    // ---- the work itself

    /** The story: twelve jobs before a PRM that answers nonsense to everything would have taken over an hour. */
    @ParameterizedTest
    @ValueSource(ints = {1, 12, 100})
    void nonsenseEndsProblemsWithinThePatienceWhateverTheirNumber(int problems) {
        new Server("nonsense", Role.PRM, 4, request -> Category.BACKEND_INVALID);
        submitScores(problems, 16);

        runFor(PATIENCE_MILLIS + CALL_MILLIS + 1000);

        assertThat(failed).hasSize(problems);
    }

    /** Replies that cannot be used are tries of the problem, and those of one moment are one try. */
    @Test
    void nonsenseIsCountedForTheProblemAndNotForEachPiece() {
        new Server("nonsense", Role.PRM, 16, request -> Category.BACKEND_INVALID);
        submitScores(1, 16);
        runFor(CALL_MILLIS + STEP_MILLIS);
        assertThat(failed).as("sixteen at once").isEmpty();

        runFor(8 * 10_000);

        assertThat(failed).hasSize(1);
        assertThat(failed.getFirst().refusal().category()).isEqualTo(Category.BACKEND_INVALID);
        assertThat(nowMillis).isLessThan(PATIENCE_MILLIS / 2);
    }

    @Test
    void nonsenseNowAndThenEndsNothing() {
        var random = new CounterRandom(1);
        new Server("flaky", Role.PRM, 4, request -> random.nextDouble() < .2 ? Category.BACKEND_INVALID : null);
        submitScores(4, 64);

        runFor(PATIENCE_MILLIS);

        assertThat(failed).isEmpty();
        assertThat(core.hasRoomFor(DispatchWorld.SETTINGS.maxWaiting())).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Category.class,
            names = {"INVALID_REQUEST", "CONTEXT_OVERFLOW"})
    void workThatCannotBeDoneFailsAtOnce(Category category) {
        new Server("well", Role.POLICY, 4, request -> category);
        submit(1, 1, null);

        runFor(CALL_MILLIS + STEP_MILLIS);

        assertThat(failed).extracting(failure -> failure.refusal().category()).containsExactly(category);
    }
}
