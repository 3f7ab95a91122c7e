package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.coordinator.sweep.DataSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Data sets in files: the bundled one, those in the folder {@code CLOUDCHAMBER_DATASETS} names, any by its path, and
 * those that a data-set file describes.
 */
public final class LocalDataSets {
    private static final String VARIABLE = "CLOUDCHAMBER_DATASETS";
    private static final String BUNDLED = "bundled";

    private LocalDataSets() {}

    /** The file a name stands for, if it stands for one here. */
    public static Optional<DataSetSource> named(String name) {
        if (name.equals(BUNDLED)) {
            return Optional.of(new DataSetSource(BUNDLED, Home.bundledModels().resolve("bundled.jsonl")));
        }
        var folder = System.getenv(VARIABLE);
        if (folder == null || !DataSet.isName(name)) {
            return Optional.empty();
        }
        return Stream.of(".yaml", ".jsonl", ".json", ".csv", ".parquet", ".jsonl.gz", ".json.gz", ".csv.gz")
                .map(ending -> Path.of(folder, name + ending))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(LocalDataSets::at);
    }

    /** A file by its path, called by its name without the ending; a YAML file describes another. */
    public static DataSetSource at(Path file) {
        var name = file.getFileName().toString().replaceFirst("\\.gz$", "").replaceFirst("\\.[A-Za-z]+$", "");
        if (!DataSet.isName(name)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "a data set's file must be called by letters, digits, dots, hyphens and underscores: was " + file);
        }
        return file.toString().matches(".*\\.ya?ml") ? DataSetFile.read(file, name) : new DataSetSource(name, file);
    }
}
