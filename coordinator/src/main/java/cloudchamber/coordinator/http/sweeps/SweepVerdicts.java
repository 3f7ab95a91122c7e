package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.catalog.SharedGenerations;
import cloudchamber.coordinator.method.catalog.SharedGenerations.Generation;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.coordinator.report.Accuracies;
import cloudchamber.coordinator.report.Bootstrap;
import cloudchamber.coordinator.report.Series;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.SweepPlan.Cell;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import cloudchamber.coordinator.sweep.SweepSpecification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Which problems of a sweep's cells were answered right, as far as they are over, and the curves that makes. */
public final class SweepVerdicts {

    /** A cell's place in the curves. */
    public record Place(String cell, String series, int budget) {}

    /**
     * @param over problems that succeeded
     * @param right those with a right answer
     */
    public record Score(String cell, int over, int right) {}

    /**
     * One series at one budget.
     *
     * @param problems with at least one run that is over
     * @param runs that are over, of all seeds
     * @param low the lower end of the 95 % interval over problems
     */
    public record Point(String series, int budget, int problems, int runs, double accuracy, double low, double high) {}

    private record Spot(String series, int budget) {}

    /** Enough for a curve that is drawn again with each result; the report takes more. */
    private static final Bootstrap BOOTSTRAP = new Bootstrap(0, 500);

    private final Map<String, CellJob> jobs = new HashMap<>();
    private final Map<String, List<Cell>> cellsOfJob = new HashMap<>();
    private final Map<String, Grader> graders = new HashMap<>();
    private final Map<String, Map<String, String>> gold = new HashMap<>();
    private final Map<String, Spot> spots = new LinkedHashMap<>();
    private final Map<Spot, List<Cell>> cellsOfSpot = new HashMap<>();
    private final Map<String, Map<String, Boolean>> verdicts = new HashMap<>();
    private final Set<String> newCells = new LinkedHashSet<>();
    private final Set<Spot> newSpots = new LinkedHashSet<>();

    SweepVerdicts(SweepSpecification specification) {
        var plan = specification.plan();
        plan.jobs().forEach(job -> jobs.put(job.id(), job));
        for (var set : specification.dataSets()) {
            graders.put(set.name(), set.foundBy());
            gold.put(
                    set.name(), set.items().stream().collect(Collectors.toMap(DataSet.Item::id, DataSet.Item::answer)));
        }
        var names = Series.names(plan.cells().stream().map(SweepVerdicts::axes).toList());
        for (int index = 0; index < names.size(); index++) {
            var cell = plan.cells().get(index);
            var spot = new Spot(names.get(index), cell.method().budget());
            spots.put(cell.id(), spot);
            cellsOfSpot.computeIfAbsent(spot, key -> new ArrayList<>()).add(cell);
            cellsOfJob.computeIfAbsent(cell.job(), job -> new ArrayList<>()).add(cell);
            verdicts.put(cell.id(), new HashMap<>());
        }
    }

    private static Map<String, String> axes(Cell cell) {
        var axes = new TreeMap<>(cell.axes());
        axes.put("dataSet", cell.dataSet());
        axes.put("policy", cell.policy());
        axes.put("prm", cell.prm());
        axes.put("method", cell.method().id());
        axes.put("temperature", Double.toString(cell.temperature()));
        return axes;
    }

    /** Where each cell stands, in the plan's order. */
    List<Place> places() {
        return spots.entrySet().stream()
                .map(spot -> new Place(
                        spot.getKey(), spot.getValue().series(), spot.getValue().budget()))
                .toList();
    }

    /** Whether a job serves cells that ask another method of its generations, which takes their texts to judge. */
    boolean shared(String job) {
        return cellsOfJob.getOrDefault(job, List.of()).stream()
                .anyMatch(cell -> !cell.method().equals(jobs.get(job).method()));
    }

    /** A problem of a job that is not shared is over. */
    void take(String job, String problem, String answer) {
        cellsOfJob.getOrDefault(job, List.of()).forEach(cell -> judge(cell, problem, answer));
    }

    /** A problem of a job is over: what each of its cells makes of it. */
    void take(String job, ProblemView solved) {
        for (var cell : cellsOfJob.getOrDefault(job, List.of())) {
            var own = cell.method().equals(jobs.get(job).method());
            judge(cell, solved.id(), own ? solved.answer() : served(cell, solved));
        }
    }

    private String served(Cell cell, ProblemView solved) {
        var generations = solved.particles().stream()
                .map(particle -> new Generation(
                        particle.steps().stream()
                                .map(ProblemView.StepView::text)
                                .collect(Collectors.joining()),
                        particle.steps().isEmpty()
                                ? null
                                : particle.steps().getLast().logOdds()))
                .toList();
        return SharedGenerations.outcome(cell.method(), generations, Answers.of(graders.get(cell.dataSet())))
                .answer();
    }

    private void judge(Cell cell, String problem, String answer) {
        var right = gold.get(cell.dataSet()).get(problem);
        if (right != null) {
            verdicts.get(cell.id())
                    .put(problem, answer != null && graders.get(cell.dataSet()).correct(answer, right));
            newCells.add(cell.id());
            newSpots.add(spots.get(cell.id()));
        }
    }

    /** What is new of cells since this was last asked. */
    List<Score> scores() {
        var scores = newCells.stream()
                .map(cell -> new Score(cell, verdicts.get(cell).size(), (int) verdicts.get(cell).values().stream()
                        .filter(right -> right)
                        .count()))
                .toList();
        newCells.clear();
        return scores;
    }

    /** What is new of curves since this was last asked. */
    List<Point> points() {
        var points = newSpots.stream().map(this::point).toList();
        newSpots.clear();
        return points;
    }

    private Point point(Spot spot) {
        var byProblem = new TreeMap<String, List<Boolean>>();
        for (var cell : cellsOfSpot.get(spot)) {
            verdicts.get(cell.id())
                    .forEach((problem, right) -> byProblem
                            .computeIfAbsent(problem, name -> new ArrayList<>())
                            .add(right));
        }
        var runs = byProblem.values().stream().map(SweepVerdicts::array).toArray(boolean[][]::new);
        var accuracy = new Accuracies(List.of(spot.budget()), new boolean[][][] {runs}).accuracy(0, BOOTSTRAP);
        return new Point(
                spot.series(),
                spot.budget(),
                runs.length,
                byProblem.values().stream().mapToInt(List::size).sum(),
                accuracy.estimate(),
                accuracy.low(),
                accuracy.high());
    }

    private static boolean[] array(List<Boolean> verdicts) {
        var array = new boolean[verdicts.size()];
        for (int index = 0; index < array.length; index++) {
            array[index] = verdicts.get(index);
        }
        return array;
    }
}
