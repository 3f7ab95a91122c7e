package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.DataSetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Data sets in files: the bundled one, those in the folder {@code CLOUDCHAMBER_DATASETS} names, and any by its path. */
public final class LocalDataSets {
    private static final String VARIABLE = "CLOUDCHAMBER_DATASETS";
    private static final String BUNDLED = "bundled";

    private LocalDataSets() {}

    /**
     * A file with problems and what it is called.
     *
     * @param fields names of fields to read instead of the usual ones, by what they are: id, question, answer
     */
    public record Source(String name, Path file, Map<String, String> fields) {
        Source(String name, Path file) {
            this(name, file, Map.of());
        }

        public Source withFields(Map<String, String> named) {
            return new Source(name, file, named);
        }

        public boolean csv() {
            return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
        }

        public byte[] bytes() {
            try {
                return Files.readAllBytes(file);
            } catch (IOException unreadable) {
                throw CommandFailure.unavailable("the data set must be readable: " + unreadable);
            }
        }

        /** @throws CommandFailure that names the first broken lines, if there are any */
        public DataSet read(String grader) {
            var contents = DataSetReader.read(
                    bytes(),
                    csv(),
                    DataSetReader.Fields.STANDARD.with(fields.get("id"), fields.get("question"), fields.get("answer")));
            if (contents.faultCount() > 0) {
                var shown = new StringBuilder();
                contents.faults().stream()
                        .limit(5)
                        .forEach(fault -> shown.append("\n  ")
                                .append(file)
                                .append(':')
                                .append(fault.line())
                                .append(' ')
                                .append(fault.detail()));
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "the data set must be whole: " + contents.faultCount() + " lines are broken" + shown);
            }
            return new DataSet(name, contents.sha256(), grader, null, contents.items());
        }
    }

    /** The file a name stands for, if it stands for one here. */
    public static Optional<Source> named(String name) {
        if (name.equals(BUNDLED)) {
            return Optional.of(new Source(BUNDLED, Home.bundledModels().resolve("bundled.jsonl")));
        }
        var folder = System.getenv(VARIABLE);
        if (folder == null || !DataSet.isName(name)) {
            return Optional.empty();
        }
        return Optional.of(Path.of(folder, name + ".jsonl"))
                .filter(Files::isRegularFile)
                .map(file -> new Source(name, file));
    }

    /** A file by its path, called by its name without the ending. */
    public static Source at(Path file) {
        var name = file.getFileName().toString().replaceFirst("\\.[A-Za-z]+$", "");
        if (!DataSet.isName(name)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "a data set's file must be called by letters, digits, dots, hyphens and underscores: was " + file);
        }
        return new Source(name, file);
    }
}
