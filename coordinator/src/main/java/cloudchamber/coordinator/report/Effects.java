package cloudchamber.coordinator.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What each axis of a grid does to accuracy.
 *
 * @param mean over all cells
 * @param main one entry for each level of each axis that has two or more
 * @param interactions one for each pair of levels of two such axes
 */
public record Effects(double mean, List<Main> main, List<Interaction> interactions) {
    /*
     * The usual decomposition of a full grid: the effect of a level is the mean of its cells less the mean of all;
     * the interaction of two is the mean of the cells with both, less what the mean and the two effects add up to.
     * Where cells are missing, means are over those there are, and the parts need not add up.
     */

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{1,18})?(E-?[0-9]{1,3})?");

    /** Numbers by their size, and before all else. */
    private static final Comparator<String> LEVELS =
            Comparator.comparingDouble(Effects::number).thenComparing(Comparator.naturalOrder());

    /** A cell of the grid: the level of each axis, and how often it was right. */
    public record Cell(Map<String, String> levels, double accuracy) {
        public Cell {
            levels = Map.copyOf(levels);
        }
    }

    /** @param effect on accuracy */
    public record Main(String axis, String level, double effect) {}

    public record Interaction(String axis, String level, String otherAxis, String otherLevel, double effect) {}

    /** @param cells at least one */
    public static Effects of(List<Cell> cells) {
        double mean = mean(cells.stream());
        var axes = new LinkedHashMap<String, TreeSet<String>>();
        cells.forEach(cell -> cell.levels()
                .forEach((axis, level) -> axes.computeIfAbsent(axis, name -> new TreeSet<>(LEVELS))
                        .add(level)));
        var names = axes.keySet().stream()
                .filter(axis -> axes.get(axis).size() > 1)
                .sorted()
                .toList();
        var main = new ArrayList<Main>();
        var interactions = new ArrayList<Interaction>();
        for (int first = 0; first < names.size(); first++) {
            var axis = names.get(first);
            for (var level : axes.get(axis)) {
                double effect = mean(with(cells, axis, level)) - mean;
                main.add(new Main(axis, level, effect));
                for (var other : names.subList(first + 1, names.size())) {
                    for (var otherLevel : axes.get(other)) {
                        var both = with(cells, axis, level)
                                .filter(cell -> otherLevel.equals(cell.levels().get(other)))
                                .toList();
                        if (!both.isEmpty()) {
                            double otherEffect = mean(with(cells, other, otherLevel)) - mean;
                            interactions.add(new Interaction(
                                    axis, level, other, otherLevel, mean(both.stream()) - mean - effect - otherEffect));
                        }
                    }
                }
            }
        }
        return new Effects(mean, List.copyOf(main), List.copyOf(interactions));
    }

    private static double number(String level) {
        return NUMBER.matcher(level).matches() ? Double.parseDouble(level) : Double.POSITIVE_INFINITY;
    }

    private static Stream<Cell> with(List<Cell> cells, String axis, String level) {
        return cells.stream().filter(cell -> level.equals(cell.levels().get(axis)));
    }

    private static double mean(Stream<Cell> cells) {
        return cells.mapToDouble(Cell::accuracy).average().orElse(Double.NaN);
    }
}
