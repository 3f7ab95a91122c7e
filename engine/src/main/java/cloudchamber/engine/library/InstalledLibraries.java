package cloudchamber.engine.library;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The folder of installed native libraries, each package in a folder of its own. */
public record InstalledLibraries(Path folder) {
    /*
     * A package is unpacked beside its place, checked, and moved there in one step: who looks sees a whole
     * library or none. The archive's digest is pinned in the code, so it does not matter where npm got it.
     */
    private static final Pattern LIBRARY = Pattern.compile("libllama(\\.[a-z]+)?(\\.(v[0-9.]+|b[0-9]+))?\\.so");

    /** {@code CLOUDCHAMBER_LIBRARIES}, else a folder in the user's home. */
    public static InstalledLibraries ofUser() {
        var configured = System.getenv("CLOUDCHAMBER_LIBRARIES");
        return new InstalledLibraries(
                configured != null && !configured.isBlank()
                        ? Path.of(configured).toAbsolutePath()
                        : Path.of(System.getProperty("user.home"), ".cloudchamber", "libraries"));
    }

    /** Where a package is installed. */
    public Optional<Path> find(LibraryPackage wanted) {
        return Optional.of(folder.resolve(wanted.folder())).filter(Files::isDirectory);
    }

    /**
     * The file of the library itself in a folder, whatever its release calls it.
     *
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} if there is none
     */
    public static Path libraryFile(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(file ->
                            LIBRARY.matcher(file.getFileName().toString()).matches())
                    .min(Comparator.naturalOrder())
                    .orElseThrow(() -> new EngineException(
                            Category.LIBRARY_UNAVAILABLE,
                            "a library's folder must hold a libllama.so or libllama.VERSION.so: [" + folder
                                    + "] does not"));
        } catch (IOException unreadable) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE, "a library's folder must be readable: was " + unreadable, unreadable);
        }
    }

    /**
     * Fetches a package with npm, verifies it and puts it in its place; what is there already stays.
     *
     * @return the package's folder
     * @throws EngineException {@code LIBRARY_UNAVAILABLE} if there is no npm, it cannot fetch the package, or
     *     the archive is not the one expected
     */
    public Path install(LibraryPackage wanted) {
        var present = find(wanted);
        if (present.isPresent()) {
            return present.get();
        }
        try {
            Files.createDirectories(folder);
            var work = Files.createTempDirectory(folder, ".install-");
            try {
                return unpack(wanted, fetch(wanted, work), work);
            } finally {
                try (var files = Files.walk(work)) {
                    files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
                }
            }
        } catch (IOException failed) {
            throw unavailable("the package [" + wanted.npmName() + "] could not be installed: " + failed);
        }
    }

    private static Path fetch(LibraryPackage wanted, Path work) throws IOException {
        var requirement = wanted.npmName() + "@" + LibraryPackage.VERSION;
        run(
                "npm must fetch " + requirement,
                ". Install Node.js with npm and see that it reaches its registry",
                work,
                List.of("npm", "pack", "--silent", "--ignore-scripts", requirement));
        try (var files = Files.list(work)) {
            var archive = files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(() -> unavailable("npm must fetch " + requirement + ": fetched nothing"));
            requireIntegrity(archive, wanted);
            return archive;
        }
    }

    /** Compares an archive with its pinned digest. */
    static void requireIntegrity(Path archive, LibraryPackage wanted) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
            var seen = "sha512-" + Base64.getEncoder().encodeToString(digest);
            if (!seen.equals(wanted.integrity())) {
                throw unavailable("the archive of " + wanted.npmName() + " must have the digest " + wanted.integrity()
                        + ": has " + seen + ". Nothing was installed");
            }
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-512", impossible);
        }
    }

    private Path unpack(LibraryPackage wanted, Path archive, Path work) throws IOException {
        run(
                "tar must unpack " + archive.getFileName(),
                "",
                work,
                List.of("tar", "-xzf", archive.getFileName().toString()));
        Path libraries;
        try (var files = Files.walk(work)) {
            libraries = files.filter(file ->
                            LIBRARY.matcher(file.getFileName().toString()).matches())
                    .findFirst()
                    .orElseThrow(() -> unavailable("the archive of " + wanted.npmName()
                            + " must hold a libllama: does not. Nothing was installed"))
                    .getParent();
        }
        var place = folder.resolve(wanted.folder());
        Files.move(libraries, place, StandardCopyOption.ATOMIC_MOVE);
        return place;
    }

    private static void run(String task, String advice, Path folder, List<String> command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException missing) {
            throw unavailable(task + ": there is no " + command.getFirst() + advice);
        }
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw unavailable(task + ": ended with " + code + ", said ["
                        + said.strip().lines().findFirst().orElse("") + "]" + advice);
            }
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw unavailable(task + ": was interrupted");
        }
    }

    private static EngineException unavailable(String message) {
        return new EngineException(Category.LIBRARY_UNAVAILABLE, message);
    }
}
