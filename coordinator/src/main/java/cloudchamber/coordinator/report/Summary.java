package cloudchamber.coordinator.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a sweep says.
 *
 * @param problems that every cell of their data set has a result of; the others are left out, so that all figures are
 *     of the same problems
 * @param incompleteProblems how many were left out
 * @param rows one for each series and budget, in the order of the sweep
 * @param series what is said of each curve
 * @param pairs the first series of each data set against each other one, at each budget both have
 * @param rates the same pairs, over all budgets
 * @param effects of the axes of the grid, the budget among them
 */
public record Summary(
        int problems,
        int incompleteProblems,
        List<Row> rows,
        List<SeriesLine> series,
        List<Pair> pairs,
        List<Rate> rates,
        Effects effects) {

    /**
     * One series at one budget.
     *
     * @param seeds runs of each problem
     * @param paperAccuracy by the lenient rules behind published numbers
     * @param coverage the share of runs with a right answer among their particles
     * @param chosenProbability the PRM's mean probability of the particles with the elected answer; null without scores
     * @param pooledAuc see {@link Discrimination}; null where it is not defined
     * @param withinAuc the same
     * @param calibrationError the same
     * @param tokens a problem takes, the mean
     * @param slotSeconds a problem takes, the mean; null where the rates are not known
     * @param gpuSeconds the same
     * @param flops a problem takes, the mean of 2 · parameters · tokens; null where the parameters are not known
     * @param atK pass@k, maj@k and weighted@k; empty unless the particles are independent generations
     */
    public record Row(
            String series,
            int budget,
            int seeds,
            Interval accuracy,
            double paperAccuracy,
            double coverage,
            Double chosenProbability,
            Double pooledAuc,
            Double withinAuc,
            Double calibrationError,
            Tokens tokens,
            Double slotSeconds,
            Double gpuSeconds,
            Double flops,
            double wallMillis,
            List<AtK> atK,
            List<Run.Round> rounds) {
        /** Right answers that were there and were not elected. */
        public double coverageGap() {
            return coverage - accuracy.estimate();
        }
    }

    public record Tokens(double policy, double prm) {}

    /** @param weighted null without scores */
    public record AtK(int k, double pass, double majority, Double weighted) {}

    /** @param plateau the smallest budget whose paired difference to the largest is not significant; null with one budget */
    public record SeriesLine(String series, Integer plateau, List<Reached> references) {}

    /** @param budget at which the fitted curve reaches the reference; null if it does not */
    public record Reached(Reference reference, Double budget) {}

    /** An accuracy known from elsewhere. */
    public record Reference(String name, double accuracy, String source) {}

    public record Pair(String first, String second, int budget, Comparison comparison) {}

    public record Rate(String method, String baseline, ScalingRate rate) {}

    /** Parameters of the models by name; what is not there is not known. */
    public interface Parameters {
        OptionalDouble policy(Run run);

        OptionalDouble prm(Run run);

        /** How long it kept slots busy, in seconds. */
        default OptionalDouble slotSeconds(Run run) {
            return OptionalDouble.empty();
        }

        /** How long it kept GPUs busy, in seconds. */
        default OptionalDouble gpuSeconds(Run run) {
            return OptionalDouble.empty();
        }
    }

    private record Key(String dataSet, String problem) {}

    private record Point(String series, int budget) {}

    /**
     * @param runs each problem, series, budget and seed once
     */
    public static Summary of(List<Run> runs, List<Reference> references, Parameters parameters, Bootstrap bootstrap) {
        var complete = complete(runs);
        var kept = runs.stream().filter(run -> complete.contains(key(run))).toList();
        int all = runs.stream().map(Summary::key).collect(Collectors.toSet()).size();
        var bySeries =
                kept.stream().collect(Collectors.groupingBy(Run::series, LinkedHashMap::new, Collectors.toList()));
        var rows = new ArrayList<Row>();
        var lines = new ArrayList<SeriesLine>();
        var accuracies = new LinkedHashMap<String, Accuracies>();
        bySeries.forEach((name, own) -> {
            var curve = accuracies(own);
            accuracies.put(name, curve);
            for (int place = 0; place < curve.budgets().size(); place++) {
                int budget = curve.budgets().get(place);
                rows.add(row(
                        name,
                        budget,
                        own.stream().filter(run -> run.budget() == budget).toList(),
                        curve.accuracy(place, bootstrap),
                        parameters));
            }
            var plateau = curve.plateau(bootstrap);
            lines.add(new SeriesLine(
                    name,
                    plateau.isPresent() ? plateau.getAsInt() : null,
                    references.stream()
                            .map(reference -> {
                                var budget = curve.budgetToReach(reference.accuracy());
                                return new Reached(reference, budget.isPresent() ? budget.getAsDouble() : null);
                            })
                            .toList()));
        });
        var pairs = new ArrayList<Pair>();
        var rates = new ArrayList<Rate>();
        var firsts = new LinkedHashMap<String, String>();
        bySeries.forEach((name, own) -> {
            var dataSet = own.getFirst().dataSet();
            var first = firsts.putIfAbsent(dataSet, name);
            if (first != null) {
                compare(first, accuracies.get(first), name, accuracies.get(name), bootstrap, pairs, rates);
            }
        });
        return new Summary(
                complete.size(),
                all - complete.size(),
                List.copyOf(rows),
                List.copyOf(lines),
                List.copyOf(pairs),
                List.copyOf(rates),
                kept.isEmpty() ? new Effects(Double.NaN, List.of(), List.of()) : effects(kept));
    }

    /** The problems each of whose data set's points has as many runs of as any. */
    private static Set<Key> complete(List<Run> runs) {
        var points = new LinkedHashMap<String, Map<Point, Set<Long>>>();
        var seen = new LinkedHashMap<Key, Set<String>>();
        for (var run : runs) {
            points.computeIfAbsent(run.dataSet(), name -> new LinkedHashMap<>())
                    .computeIfAbsent(new Point(run.series(), run.budget()), point -> new TreeSet<>())
                    .add(run.seed());
            seen.computeIfAbsent(key(run), key -> new LinkedHashSet<>())
                    .add(run.series() + "|" + run.budget() + "|" + run.seed());
        }
        var complete = new LinkedHashSet<Key>();
        seen.forEach((key, had) -> {
            int wanted = points.get(key.dataSet()).values().stream()
                    .mapToInt(Set::size)
                    .sum();
            if (had.size() == wanted) {
                complete.add(key);
            }
        });
        return complete;
    }

    private static Key key(Run run) {
        return new Key(run.dataSet(), run.problem());
    }

    private static Accuracies accuracies(List<Run> runs) {
        var budgets = new TreeSet<Integer>();
        var problems = new TreeSet<String>();
        var verdicts = new LinkedHashMap<String, Map<Long, Boolean>>();
        for (var run : runs) {
            budgets.add(run.budget());
            problems.add(run.problem());
            verdicts.computeIfAbsent(run.budget() + "|" + run.problem(), key -> new TreeMap<>())
                    .put(run.seed(), run.right());
        }
        var right = budgets.stream()
                .map(budget -> problems.stream()
                        .map(problem ->
                                booleans(verdicts.get(budget + "|" + problem).values()))
                        .toArray(boolean[][]::new))
                .toArray(boolean[][][]::new);
        return new Accuracies(List.copyOf(budgets), right);
    }

    private static boolean[] booleans(Collection<Boolean> values) {
        var array = new boolean[values.size()];
        int place = 0;
        for (boolean value : values) {
            array[place++] = value;
        }
        return array;
    }

    private static Row row(String series, int budget, List<Run> runs, Interval accuracy, Parameters parameters) {
        int seeds = (int) runs.stream().map(Run::seed).distinct().count();
        var byProblem = runs.stream()
                .map(run -> run.particles().stream()
                        .filter(particle -> particle.probability() != null)
                        .map(particle -> new Discrimination.Particle(particle.probability(), particle.right()))
                        .toList())
                .filter(particles -> !particles.isEmpty())
                .toList();
        var discrimination = byProblem.isEmpty() ? null : Discrimination.of(byProblem);
        var chosen = runs.stream()
                .flatMap(run -> run.particles().stream())
                .filter(particle -> particle.chosen() && particle.probability() != null)
                .mapToDouble(Run.Particle::probability)
                .average();
        return new Row(
                series,
                budget,
                seeds,
                accuracy,
                share(runs, run -> run.paper() ? 1 : 0),
                share(runs, run -> run.covered() ? 1 : 0),
                chosen.isPresent() ? chosen.getAsDouble() : null,
                discrimination == null || discrimination.pooled().isEmpty()
                        ? null
                        : discrimination.pooled().getAsDouble(),
                discrimination == null || discrimination.withinProblem().isEmpty()
                        ? null
                        : discrimination.withinProblem().getAsDouble(),
                discrimination == null ? null : discrimination.calibrationError(),
                new Tokens(share(runs, Run::policyTokens), share(runs, Run::prmTokens)),
                mean(runs, parameters::slotSeconds),
                mean(runs, parameters::gpuSeconds),
                mean(runs, run -> flops(run, parameters)),
                share(runs, Run::wallMillis),
                atK(runs),
                rounds(runs));
    }

    private static OptionalDouble flops(Run run, Parameters parameters) {
        var policy = parameters.policy(run);
        var prm = parameters.prm(run);
        return policy.isPresent() && (prm.isPresent() || run.prmTokens() == 0)
                ? OptionalDouble.of(2 * (policy.getAsDouble() * run.policyTokens() + prm.orElse(0) * run.prmTokens()))
                : OptionalDouble.empty();
    }

    /** The mean over all runs; null unless it is known of each. */
    private static Double mean(List<Run> runs, Function<Run, OptionalDouble> value) {
        var values = runs.stream().map(value).toList();
        return values.stream().allMatch(OptionalDouble::isPresent)
                ? Double.valueOf(values.stream()
                        .mapToDouble(OptionalDouble::getAsDouble)
                        .average()
                        .orElseThrow())
                : null;
    }

    private static double share(List<Run> runs, ToDoubleFunction<Run> value) {
        return runs.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    private static List<AtK> atK(List<Run> runs) {
        int size = runs.stream().mapToInt(run -> run.particles().size()).min().orElse(0);
        if (size == 0 || !runs.stream().allMatch(Run::independent)) {
            return List.of();
        }
        boolean scored = runs.stream()
                .flatMap(run -> run.particles().stream())
                .allMatch(particle -> particle.probability() != null);
        var draws = runs.stream()
                .map(run -> new Draws(
                        run.particles().stream().map(Run.Particle::group).toList(),
                        run.particles().stream()
                                .map(particle -> scored ? particle.probability() : 1.0)
                                .toList(),
                        run.particles().stream().map(Run.Particle::right).toList()))
                .toList();
        return IntStream.iterate(1, k -> k <= size, k -> 2 * k)
                .mapToObj(k -> new AtK(
                        k,
                        mean(draws, each -> each.passAtK(k)),
                        mean(draws, each -> each.majorityAtK(k)),
                        scored ? mean(draws, each -> each.weightedAtK(k)) : null))
                .toList();
    }

    private static double mean(List<Draws> draws, ToDoubleFunction<Draws> value) {
        return draws.stream().mapToDouble(value).average().orElseThrow();
    }

    /** The mean of each round over the runs that had one. */
    private static List<Run.Round> rounds(List<Run> runs) {
        int longest = runs.stream().mapToInt(run -> run.rounds().size()).max().orElse(0);
        return IntStream.range(0, longest)
                .mapToObj(round -> {
                    var had = runs.stream()
                            .filter(run -> run.rounds().size() > round)
                            .map(run -> run.rounds().get(round))
                            .toList();
                    return new Run.Round(
                            had.stream()
                                    .mapToDouble(Run.Round::essShare)
                                    .average()
                                    .orElseThrow(),
                            had.stream()
                                    .mapToDouble(Run.Round::ancestorShare)
                                    .average()
                                    .orElseThrow());
                })
                .toList();
    }

    private static void compare(
            String first,
            Accuracies mine,
            String second,
            Accuracies others,
            Bootstrap bootstrap,
            List<Pair> pairs,
            List<Rate> rates) {
        for (int place = 0; place < mine.budgets().size(); place++) {
            int budget = mine.budgets().get(place);
            int other = others.budgets().indexOf(budget);
            if (other >= 0 && mine.right()[place][0].length == others.right()[other][0].length) {
                pairs.add(new Pair(
                        first, second, budget, Comparison.of(mine.right()[place], others.right()[other], bootstrap)));
            }
        }
        if (mine.budgets().size() > 1 && others.budgets().size() > 1) {
            rates.add(new Rate(first, second, ScalingRate.of(mine, others, bootstrap)));
        }
    }

    private static Effects effects(List<Run> runs) {
        return Effects.of(
                runs.stream()
                        .collect(Collectors.groupingBy(Run::axes, LinkedHashMap::new, Collectors.toList()))
                        .entrySet()
                        .stream()
                        .map(cell ->
                                new Effects.Cell(cell.getKey(), share(cell.getValue(), run -> run.right() ? 1 : 0)))
                        .toList());
    }
}
