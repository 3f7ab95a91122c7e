package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.coordinator.sweep.DataSet;
import java.nio.file.Path;
import java.util.List;

/** The questions of a data set with their right answers. */
public final class ProblemFile {
    private ProblemFile() {}

    public record Line(String id, String question, String answer) {}

    /**
     * @param limit the most lines taken
     * @throws CommandFailure that names the line, if one is not as it should be
     */
    public static List<Line> read(Path file, int limit) {
        return lines(LocalDataSets.at(file).read(null), limit);
    }

    public static List<Line> lines(DataSet set, int limit) {
        return set.items().stream()
                .limit(limit)
                .map(item -> new Line(item.id(), item.question(), item.answer()))
                .toList();
    }
}
