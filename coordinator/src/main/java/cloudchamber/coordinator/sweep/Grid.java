package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.sweep.SweepPlan.Cell;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a sweep varies. Every combination is a cell; the last axis varies fastest: data set, policy, PRM,
 * temperature, variant, seed.
 *
 * @param sampling how the policy draws, but for its temperature
 * @param stops texts that end a step
 * @param endAtAnswer whether an answer ends a particle; null for what is usual for each policy
 * @param thinking how particles may think; null stands for {@link Thinking#FREE}, which is kept so
 * @param templateArguments what the policies' templates are told, as the text of a JSON object; null for nothing
 */
public record Grid(
        List<DataSet> dataSets,
        List<String> policies,
        List<String> prms,
        List<Double> temperatures,
        List<Variant> variants,
        List<Long> seeds,
        Sampling sampling,
        Limits limits,
        List<String> stops,
        EndAtAnswer endAtAnswer,
        Thinking thinking,
        String templateArguments) {
    /*
     * Whole generations are drawn from streams that are keyed by slot and not by how many there are, so the first n of
     * N are the n that a job of n would have drawn. One job of N scored generations therefore serves best-of-n and
     * weighted best-of-n at every smaller budget, and self-consistency, which does not look at the scores. Scores of
     * single steps are not kept apart in a result, so only aggregations that need the newest one share. Greedy
     * decoding is one job whatever the temperature and the seed.
     *
     * A setting that came later is no part of an id where it means what held before it, so that ids stay the same.
     */
    private static final int HASH_LENGTH = 12;

    /**
     * One way to run a method.
     *
     * @param axes how it differs from others, by axis
     */
    public record Variant(MethodSettings method, Map<String, String> axes) {}

    private record Place(DataSet dataSet, String policy, String prm, double temperature, long seed) {}

    private record Draft(Place place, Variant variant) {}

    /** The generations of one problem that several cells use: whoever scores them, or null for nobody. */
    private record Pool(String dataSet, String policy, double temperature, long seed, String prm) {}

    public Grid {
        dataSets = List.copyOf(dataSets);
        policies = List.copyOf(policies);
        prms = List.copyOf(prms);
        temperatures = List.copyOf(temperatures);
        variants = List.copyOf(variants);
        seeds = List.copyOf(seeds);
        stops = List.copyOf(stops);
        thinking = Thinking.FREE.equals(thinking) ? null : thinking;
    }

    /** One whose particles end and think as those always did that say nothing of it. */
    public Grid(
            List<DataSet> dataSets,
            List<String> policies,
            List<String> prms,
            List<Double> temperatures,
            List<Variant> variants,
            List<Long> seeds,
            Sampling sampling,
            Limits limits,
            List<String> stops) {
        this(
                dataSets,
                policies,
                prms,
                temperatures,
                variants,
                seeds,
                sampling,
                limits,
                stops,
                EndAtAnswer.AT_MARK,
                null,
                null);
    }

    /**
     * The cells and the jobs that serve them, each once.
     *
     * @param sweep the sweep's id, which its jobs' ids start with
     */
    public SweepPlan expand(String sweep) {
        var drafts = drafts();
        var pools = pools(drafts);
        var jobs = new LinkedHashMap<String, CellJob>();
        var cells = new LinkedHashMap<String, Cell>();
        for (var draft : drafts) {
            var job = job(sweep, draft, pools);
            var place = draft.place();
            var method = draft.variant().method();
            var id = method.id() + "-" + method.budget() + "-s" + place.seed() + "-" + hash(place, method);
            if (!cells.containsKey(id)) {
                jobs.putIfAbsent(job.id(), job);
                cells.put(
                        id,
                        new Cell(
                                id,
                                job.id(),
                                place.dataSet().name(),
                                place.policy(),
                                place.prm(),
                                method,
                                place.temperature(),
                                place.seed(),
                                draft.variant().axes()));
            }
        }
        return new SweepPlan(List.copyOf(cells.values()), List.copyOf(jobs.values()));
    }

    private List<Draft> drafts() {
        var drafts = new ArrayList<Draft>();
        for (var dataSet : dataSets) {
            for (var policy : policies) {
                for (var prm : prms) {
                    for (double temperature : temperatures) {
                        for (var variant : variants) {
                            for (long seed : seeds) {
                                drafts.add(new Draft(new Place(dataSet, policy, prm, temperature, seed), variant));
                            }
                        }
                    }
                }
            }
        }
        return drafts;
    }

    /** How many generations each pool holds: the scored ones first, then what self-consistency asks beyond them. */
    private Map<Pool, Integer> pools(List<Draft> drafts) {
        var pools = new HashMap<Pool, Integer>();
        for (var draft : drafts) {
            if (scoresWhole(draft.variant().method())) {
                pools.merge(
                        pool(draft, draft.place().prm()),
                        draft.variant().method().budget(),
                        Math::max);
            }
        }
        for (var draft : drafts) {
            if (draft.variant().method() instanceof SelfConsistencySettings votes
                    && scoredPool(draft, pools).isEmpty()) {
                pools.merge(pool(draft, null), votes.particles(), Math::max);
            }
        }
        return pools;
    }

    private CellJob job(String sweep, Draft draft, Map<Pool, Integer> pools) {
        var place = draft.place();
        return switch (draft.variant().method()) {
            case GreedySettings greedy ->
                job(
                        sweep,
                        new Place(
                                place.dataSet(),
                                place.policy(),
                                prms.getFirst(),
                                temperatures.getFirst(),
                                seeds.getFirst()),
                        greedy);
            case SelfConsistencySettings votes -> {
                var scored = scoredPool(draft, pools);
                yield scored.isPresent()
                        ? job(sweep, at(place, scored.get().prm()), scored(pools.get(scored.get())))
                        : job(
                                sweep,
                                at(place, prms.getFirst()),
                                new SelfConsistencySettings(pools.get(pool(draft, null))));
            }
            case BestOfNSettings best
            when scoresWhole(best) -> job(sweep, place, scored(pools.get(pool(draft, place.prm()))));
            case WeightedBestOfNSettings best
            when scoresWhole(best) -> job(sweep, place, scored(pools.get(pool(draft, place.prm()))));
            case MethodSettings other -> job(sweep, place, other);
        };
    }

    private CellJob job(String sweep, Place place, MethodSettings method) {
        return new CellJob(
                sweep + "-" + hash(place, method),
                place.dataSet().name(),
                method,
                place.policy(),
                place.prm(),
                new Sampling(place.temperature(), sampling.topK(), sampling.topP(), sampling.minP()),
                limits,
                stops,
                place.seed(),
                end(place.policy()),
                thinking,
                templateArguments);
    }

    private static BestOfNSettings scored(int generations) {
        return new BestOfNSettings(generations, Aggregation.LAST);
    }

    private static Place at(Place place, String prm) {
        return new Place(place.dataSet(), place.policy(), prm, place.temperature(), place.seed());
    }

    private static Pool pool(Draft draft, String prm) {
        var place = draft.place();
        return new Pool(place.dataSet().name(), place.policy(), place.temperature(), place.seed(), prm);
    }

    /** Scored generations that a vote can use, the draft's own PRM's first. */
    private Optional<Pool> scoredPool(Draft draft, Map<Pool, Integer> pools) {
        var candidates = new ArrayList<String>();
        candidates.add(draft.place().prm());
        candidates.addAll(prms);
        return candidates.stream()
                .map(prm -> pool(draft, prm))
                .filter(pool ->
                        pools.getOrDefault(pool, 0) >= draft.variant().method().budget())
                .findFirst();
    }

    private static boolean scoresWhole(MethodSettings method) {
        return method instanceof BestOfNSettings best && newest(best.aggregation())
                || method instanceof WeightedBestOfNSettings weighted && newest(weighted.aggregation());
    }

    private static boolean newest(Aggregation aggregation) {
        return aggregation == Aggregation.LAST || aggregation == Aggregation.MODEL;
    }

    private String hash(Place place, MethodSettings method) {
        return hash(CanonicalForm.of(
                place.dataSet(),
                place.policy(),
                place.prm(),
                place.temperature(),
                CanonicalForm.of(method),
                sampling,
                limits,
                stops,
                place.seed(),
                new CanonicalForm.Later(
                        isAsEver(place.policy()) ? EndAtAnswer.AT_MARK : end(place.policy()),
                        thinking == null ? Thinking.FREE : thinking,
                        templateArguments)));
    }

    /** What is usual for the bundled policy ends the same particles as the rule it was measured with. */
    private boolean isAsEver(String policy) {
        return endAtAnswer == null && policy.equals(EndAtAnswer.BUNDLED);
    }

    private EndAtAnswer end(String policy) {
        return endAtAnswer == null ? EndAtAnswer.usual(policy) : endAtAnswer;
    }

    static String hash(String identity) {
        return Sha256.hex(identity.getBytes(StandardCharsets.UTF_8)).substring(0, HASH_LENGTH);
    }
}
