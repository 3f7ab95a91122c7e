package cloudchamber.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;

/** Where things are kept. */
public final class Home {
    private Home() {}

    /** The user's home is what the environment says, as in other programs; Java itself asks the operating system. */
    public static void ofEnvironment(Map<String, String> environment) {
        var home = environment.get("HOME");
        if (home != null && !home.isBlank()) {
            System.setProperty("user.home", home);
        }
    }

    /** The distribution: what the launcher names, else the folder the program was started in. */
    static Path distribution() {
        return Path.of(System.getProperty("cloudchamber.home", "."))
                .toAbsolutePath()
                .normalize();
    }

    /** The models that come with the distribution. */
    public static Path bundledModels() {
        return distribution().resolve("deploy").resolve("models");
    }

    /** The models the user installed: {@code CLOUDCHAMBER_MODELS}, else a folder in the user's home. */
    public static Path installedModels() {
        var configured = System.getenv("CLOUDCHAMBER_MODELS");
        return configured != null && !configured.isBlank() ? Path.of(configured) : user().resolve("models");
    }

    /** The data directory used when none is named. */
    public static Path defaultData() {
        return user().resolve("data");
    }

    /** A data directory that is gone when the program ends. */
    public static Path temporaryData() {
        try {
            var folder = Files.createTempDirectory("cloudchamber-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
            return folder;
        } catch (IOException unwritable) {
            throw CommandFailure.unavailable("the folder for temporary files must be writable: " + unwritable);
        }
    }

    private static void remove(Path folder) {
        try (var inside = Files.walk(folder)) {
            for (var path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException stays) {
            System.err.println("cloudchamber: the folder [" + folder + "] could not be removed: " + stays);
        }
    }

    /** What the nodes of this user know each other by. */
    public static Path cluster() {
        return user().resolve("cluster");
    }

    private static Path user() {
        return Path.of(System.getProperty("user.home"), ".cloudchamber");
    }

    /** Makes a folder that can be written, or says why not. */
    public static Path writable(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, ownersAlone(folder));
            }
        } catch (IOException unwritable) {
            throw CommandFailure.unavailable("the folder [" + folder + "] must be writable: " + unwritable);
        }
        return folder;
    }

    private static FileAttribute<?>[] ownersAlone(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
