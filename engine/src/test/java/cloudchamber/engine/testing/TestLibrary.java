package cloudchamber.engine.testing;

import cloudchamber.engine.library.InstalledLibraries;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.library.LibraryPackage;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The native libraries every test of the engine runs on. The second one is taken from where the user
 * installed it; in the long tests it is fetched into a cache where it is missing, and otherwise the tests
 * say that they skip it.
 */
public enum TestLibrary {
    BUNDLED_B4916,
    NPM_V0_5_0;

    private static final InstalledLibraries CACHE = new InstalledLibraries(
            Path.of(System.getProperty("user.home"), ".cache", "cloudchamber", "test-libraries"));

    /** How this library is asked for. */
    public LibraryChoice choice() {
        return switch (this) {
            case BUNDLED_B4916 -> LibraryChoice.BUNDLED;
            case NPM_V0_5_0 -> LibraryChoice.of(folder());
        };
    }

    private static synchronized Path folder() {
        var installed = InstalledLibraries.ofUser().find(LibraryPackage.CPU).or(() -> CACHE.find(LibraryPackage.CPU));
        if (installed.isPresent()) {
            return installed.get();
        }
        Assumptions.assumeTrue(
                Boolean.getBoolean("long.tests"),
                "llama.cpp " + LibraryPackage.RELEASE + " is not installed and its tests are skipped: "
                        + "./cloudchamber engine install cpu");
        return CACHE.install(LibraryPackage.CPU);
    }
}
