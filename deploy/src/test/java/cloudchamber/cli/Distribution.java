package cloudchamber.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The program as it is installed, without its sources: the launcher, the jars, the models and the examples. */
final class Distribution {
    private Distribution() {}

    /** Makes one in a folder that is not there yet. */
    static Path make(Path home) throws IOException {
        var libraries = Files.createDirectories(home.resolve("deploy/target/lib"));
        int number = 0;
        for (var jar : FastStart.jars()) {
            Files.copy(jar, libraries.resolve(++number + "-" + jar.getFileName()));
        }
        for (var folder : List.of("models", "examples")) {
            Files.createSymbolicLink(
                    home.resolve("deploy").resolve(folder),
                    Program.REPOSITORY.resolve("deploy").resolve(folder));
        }
        Files.copy(Program.REPOSITORY.resolve("cloudchamber"), home.resolve("cloudchamber"));
        return home;
    }
}
