package cloudchamber.bench;

import cloudchamber.engine.library.InstalledLibraries;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.library.LibraryPackage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the benchmarks of the engine run on. */
final class EngineLibraries {
    private static final String LARGER_MODEL = "smollm2-135m";

    private EngineLibraries() {}

    /** The native libraries there are, by name; says which one is missing. */
    static Map<String, LibraryChoice> all(BenchmarkOutput output) {
        var libraries = new LinkedHashMap<String, LibraryChoice>();
        libraries.put("b4916", LibraryChoice.BUNDLED);
        InstalledLibraries.ofUser()
                .find(LibraryPackage.CPU)
                .ifPresentOrElse(
                        folder -> libraries.put(LibraryPackage.RELEASE, LibraryChoice.of(folder)),
                        () -> output.progress("llama.cpp " + LibraryPackage.RELEASE
                                + " is not installed and not measured: ./cloudchamber engine install cpu"));
        return libraries;
    }

    /** The largest model there is that is known here. */
    static Path model(BenchmarkSettings settings, BenchmarkOutput output) {
        var larger = settings.models().get(LARGER_MODEL);
        if (larger == null) {
            output.progress(LARGER_MODEL + " is not installed, the bundled policy is measured: "
                    + "./cloudchamber models install " + LARGER_MODEL);
            return settings.models().get(BenchmarkSettings.BUNDLED_POLICY);
        }
        return larger;
    }
}
