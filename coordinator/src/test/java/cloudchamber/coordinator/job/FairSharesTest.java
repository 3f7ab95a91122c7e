package cloudchamber.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.wire.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Places are never lost, whatever becomes of messages, and go to the tenant and the job that have the fewest. */
class FairSharesTest {
    private static final int PLACES = 12;
    private static final Need SERVED = new Need("policy", "prm", null);
    private static final Need UNSERVED = new Need("nobody's", "prm", null);
    private static final Need PROBED = new Need("ailing", "prm", null);

    private final FairShares shares = new FairShares(PLACES);
    private final Map<String, Long> granted = new HashMap<>();
    private final Map<String, Long> returned = new HashMap<>();

    FairSharesTest() {
        shares.serve(served("policy"));
    }

    private static ServedModels served(String... policies) {
        var services = new ArrayList<ServedModels.Service>();
        services.add(new ServedModels.Service(Role.PRM, "prm", "any/any", false));
        services.add(new ServedModels.Service(Role.POLICY, "ailing", "any/any", true));
        for (var policy : policies) {
            services.add(new ServedModels.Service(Role.POLICY, policy, "any/any", false));
        }
        return new ServedModels(Set.copyOf(services), Map.of());
    }

    // ---- who gets what

    @Test
    void placesAreSharedByWeight() {
        claim("light", "t", 100, 1, SERVED);
        claim("heavy", "t", 100, 2, SERVED);
        grant();

        assertThat(held()).isEqualTo(Map.of("light", 4L, "heavy", 8L));
    }

    /** One tenant's many jobs get as much together as another's only one. */
    @Test
    void placesAreSharedBetweenTenantsThenBetweenTheirJobs() {
        for (var job : List.of("a1", "a2", "a3")) {
            claim(job, "a", 100, 1, SERVED);
        }
        claim("b1", "b", 100, 1, SERVED);
        grant();

        assertThat(held()).isEqualTo(Map.of("a1", 2L, "a2", 2L, "a3", 2L, "b1", 6L));
    }

    @Test
    void whatOneDoesNotWantOthersHave() {
        claim("modest", "t", 2, 1, SERVED);
        claim("greedy", "t", 100, 1, SERVED);
        grant();

        assertThat(held()).isEqualTo(Map.of("modest", 2L, "greedy", 10L));
        assertThat(shares.taken()).isEqualTo(PLACES);
    }

    /** A late comer gets every place that becomes free until it has its share. */
    @Test
    void freePlacesGoToWhoeverHasTheFewest() {
        want("first", "t", 100, 1, SERVED);
        want("late", "t", 100, 1, SERVED);
        assertThat(held()).isEqualTo(Map.of("first", 12L, "late", 0L));

        for (int place = 0; place < 6; place++) {
            returned.merge("first", 1L, Long::sum);
            want("first", "t", 100, 1, SERVED);
        }

        assertThat(held()).isEqualTo(Map.of("first", 6L, "late", 6L));
    }

    /** Repeating a claim costs no turn. */
    @Test
    void ofEqualsTheOneThatWaitedLongestIsNext() {
        want("full", "t", PLACES, 1, SERVED);
        for (var tenant : List.of("a", "b", "c")) {
            want(tenant, tenant, 1, 1, SERVED);
        }
        want("a", "a", 1, 1, SERVED);

        for (var next : List.of("a", "b", "c")) {
            returned.merge("full", 1L, Long::sum);
            claim("full", "t", PLACES, 1, SERVED);
            assertThat(shares.grant()).containsExactly(next);
        }
    }

    // ---- what nobody can run

    /** The story: 4 jobs of 300 problems with a model that nobody serves held all 1,024 places. */
    @Test
    void problemsThatNoWorkerCanRunHoldNoPlace() {
        for (var job : List.of("1", "2", "3", "4")) {
            want(job, "a", 300, 1, UNSERVED);
        }
        want("other", "b", 1, 1, SERVED);

        assertThat(held()).isEqualTo(Map.of("1", 0L, "2", 0L, "3", 0L, "4", 0L, "other", 1L));
        assertThat(shares.allowance("1").lacking()).containsExactly(new Lack("policy nobody's", "no worker serves it"));
    }

    /** Their workers left while they ran: they go on later, and others have the places meanwhile. */
    @Test
    void placesOfProblemsWhoseWorkersLeftAreOthers() {
        shares.serve(served("policy", "nobody's"));
        want("left", "a", 100, 1, UNSERVED);
        want("waiting", "b", 100, 1, SERVED);
        assertThat(held()).isEqualTo(Map.of("left", 12L, "waiting", 0L));

        shares.serve(served("policy"));
        grant();

        assertThat(held()).isEqualTo(Map.of("left", 12L, "waiting", 12L));
        assertThat(shares.taken()).isEqualTo(PLACES);
        shares.serve(served("policy", "nobody's"));
        assertThat(shares.taken()).isEqualTo(2 * PLACES);
        returned.merge("waiting", 1L, Long::sum);
        want("waiting", "b", 100, 1, SERVED);
        assertThat(held()).as("nobody gets more before it fits").containsEntry("waiting", 11L);
    }

    /** An ejected worker is taken back when a probe succeeds, and a probe needs work. */
    @Test
    void aJobWhoseWorkersGetProbesAloneHasOneProblemForThem() {
        want("probing", "a", 100, 1, PROBED);
        want("other", "b", 100, 1, SERVED);

        assertThat(held()).isEqualTo(Map.of("probing", 1L, "other", 12L));
        assertThat(shares.allowance("probing").lacking())
                .containsExactly(new Lack("policy ailing", "every worker that serves it failed its last requests"));
    }

    // ---- whatever becomes of messages

    @Test
    void aNewLifeStartsWithNothingAndAnOldOneIsNotHeard() {
        want("job", "t", PLACES, 1, SERVED);
        assertThat(shares.claim("job", new Claim(2, "t", 1, SERVED, 0, 0, 5), 0))
                .isTrue();
        assertThat(shares.claim("job", new Claim(1, "t", 1, SERVED, 12, 0, 12), 0))
                .isFalse();
        shares.leave("job", 1);

        shares.grant();

        assertThat(shares.allowance("job")).isEqualTo(new Allowance(2, 5, List.of()));
        assertThat(shares.taken()).isEqualTo(5);
        shares.leave("job", 2);
        assertThat(shares.taken()).isZero();
    }

    @Test
    void aClaimThatIsNotRepeatedEnds() {
        shares.claim("silent", new Claim(1, "t", 1, SERVED, 0, 0, PLACES), 0);
        shares.grant();
        shares.claim("heard", new Claim(1, "t", 1, SERVED, 0, 0, 1), 9_000);

        assertThat(shares.expire(9_999)).isEmpty();
        assertThat(shares.expire(10_000)).containsExactly("silent");
        assertThat(shares.grant()).containsExactly("heard");
        assertThat(shares.taken()).isOne();
    }

    /** Shares that have forgotten everything learn from the claims what is held. */
    @Test
    void sharesThatStartAnewAdoptWhatIsHeld() {
        shares.claim("job", new Claim(7, "t", 1, SERVED, 20, 12, 100), 0);
        shares.grant();

        assertThat(shares.taken()).isEqualTo(PLACES);
        assertThat(shares.allowance("job").granted()).isEqualTo(24);
    }

    /**
     * Jobs and shares over a wire that loses, repeats and reorders every message, with restarts of both: once messages
     * come through again, what the shares count is what the jobs hold, and every wish is met.
     */
    @Test
    void noPlaceLeaksWhateverBecomesOfMessages() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new CounterRandom(seed);
            var world = new World(random);
            for (int step = 0; step < 400; step++) {
                world.step(true);
            }
            world.settle();
            assertThat(world.shares.taken()).as("seed " + seed).isEqualTo(world.held());
            assertThat(world.held())
                    .as("seed " + seed + ": shares that forgot may have granted too much meanwhile, never too little")
                    .isBetween(Math.min(PLACES, world.wanted()), world.wanted());
        }
    }

    private static final class World {
        private static final class Account {
            long life = 1;
            long granted;
            long returned;
            int wanted;

            long held() {
                return granted - returned;
            }
        }

        private final CounterRandom random;
        private final Map<String, Account> jobs = new LinkedHashMap<>();
        private final List<Runnable> wire = new ArrayList<>();
        private FairShares shares = fresh();
        private long nowMillis;

        World(CounterRandom random) {
            this.random = random;
            for (int job = 0; job < 4; job++) {
                jobs.put("job" + job, new Account());
            }
        }

        private static FairShares fresh() {
            var shares = new FairShares(PLACES);
            shares.serve(served("policy"));
            return shares;
        }

        void step(boolean trouble) {
            nowMillis += 20;
            var name = "job" + random.nextInt(jobs.size());
            var job = jobs.get(name);
            switch (random.nextInt(10)) {
                case 0 -> job.wanted = random.nextInt(8);
                case 1 -> job.returned = Math.min(job.granted, job.returned + 1);
                case 2 -> {
                    if (random.nextInt(5) == 0) {
                        job.life++;
                        job.granted = 0;
                        job.returned = 0;
                    }
                }
                case 3 -> {
                    if (random.nextInt(20) == 0) {
                        shares = fresh();
                    }
                }
                default -> state(name, job);
            }
            if (trouble && !wire.isEmpty()) {
                int which = random.nextInt(wire.size());
                switch (random.nextInt(4)) {
                    case 0 -> wire.remove(which);
                    case 1 -> wire.get(which).run();
                    default -> wire.remove(which).run();
                }
            }
        }

        private void state(String name, Account job) {
            job.returned += Math.max(0, job.held() - job.wanted);
            var claim = new Claim(job.life, "t" + name, 1, SERVED, job.granted, job.returned, job.wanted);
            wire.add(() -> {
                shares.claim(name, claim, nowMillis);
                shares.grant();
                for (var each : shares.jobs()) {
                    var allowance = shares.allowance(each);
                    wire.add(() -> allow(jobs.get(each), allowance));
                }
            });
        }

        private static void allow(Account job, Allowance allowance) {
            if (allowance.life() == job.life) {
                job.granted = Math.max(job.granted, allowance.granted());
            }
        }

        /** Everything that is on its way arrives, in order; then the jobs repeat themselves a few times. */
        void settle() {
            for (int round = 0; round < 6; round++) {
                while (!wire.isEmpty()) {
                    wire.removeFirst().run();
                }
                jobs.forEach(this::state);
            }
            while (!wire.isEmpty()) {
                wire.removeFirst().run();
            }
        }

        int held() {
            return (int) jobs.values().stream().mapToLong(Account::held).sum();
        }

        int wanted() {
            return jobs.values().stream().mapToInt(job -> job.wanted).sum();
        }
    }

    // ---- helpers

    private void claim(String job, String tenant, int wanted, double weight, Need need) {
        shares.claim(
                job,
                new Claim(
                        1, tenant, weight, need, granted.getOrDefault(job, 0L), returned.getOrDefault(job, 0L), wanted),
                0);
    }

    private void want(String job, String tenant, int wanted, double weight, Need need) {
        claim(job, tenant, wanted, weight, need);
        grant();
    }

    private void grant() {
        shares.grant();
        shares.jobs().forEach(job -> granted.put(job, shares.allowance(job).granted()));
    }

    private Map<String, Long> held() {
        var held = new HashMap<String, Long>();
        granted.forEach((job, total) -> held.put(job, total - returned.getOrDefault(job, 0L)));
        return held;
    }
}
