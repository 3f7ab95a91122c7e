package cloudchamber.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Options with which the tests' processes start in half the time: their classes are loaded and linked ahead of
 * time, once for all tests. Java does that for jars alone, so folders of classes are packed first.
 */
final class FastStart {
    private static final Path FOLDER = Path.of("target", "fast-start").toAbsolutePath();
    private static final String CACHE = "classes.aot";
    private static final List<String> OPTIONS = made();

    private FastStart() {}

    /** The class path, and the cache if one could be made. */
    static List<String> options() {
        return OPTIONS;
    }

    /** The class path, of jars alone. */
    static List<Path> jars() {
        return Stream.of(OPTIONS.getLast().split(File.pathSeparator))
                .map(Path::of)
                .toList();
    }

    private static List<String> made() {
        try {
            var entries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of)
                    .filter(Files::exists)
                    .toList();
            Files.createDirectories(FOLDER);
            var folder = FOLDER.resolve(fingerprint(entries));
            try (var lock =
                    FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                if (!Files.exists(folder)) {
                    removeOlder();
                    make(entries, folder);
                }
            }
            var options = new ArrayList<String>();
            if (Files.exists(folder.resolve(CACHE))) {
                options.addAll(List.of("-XX:AOTCache=" + folder.resolve(CACHE), "-Xlog:aot*=off"));
            }
            options.addAll(List.of("-cp", packed(entries, folder)));
            return List.copyOf(options);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static void make(List<Path> entries, Path folder) throws IOException, InterruptedException {
        var unfinished = Files.createTempDirectory(FOLDER, "unfinished-");
        for (int entry = 0; entry < entries.size(); entry++) {
            if (Files.isDirectory(entries.get(entry))) {
                pack(entries.get(entry), jar(unfinished, entry));
            }
        }
        // The class path is a part of the cache, so that it is made where it will stay.
        Files.move(unfinished, folder);
        var command = new ArrayList<>(Program.java());
        command.addAll(List.of(
                "-XX:AOTCacheOutput=" + folder.resolve(CACHE),
                "-Xlog:aot*=off",
                "-cp",
                packed(entries, folder),
                Main.class.getName(),
                "solve",
                "Evaluate 3 + 4.",
                "--json"));
        new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static String packed(List<Path> entries, Path folder) {
        var words = new ArrayList<String>();
        for (int entry = 0; entry < entries.size(); entry++) {
            var path = entries.get(entry);
            words.add((Files.isDirectory(path) ? jar(folder, entry) : path.toAbsolutePath()).toString());
        }
        return String.join(File.pathSeparator, words);
    }

    private static Path jar(Path folder, int entry) {
        return folder.resolve(entry + ".jar");
    }

    /** With entries for the folders too, which is where Flyway looks for its scripts. */
    private static void pack(Path folder, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (var path : below(folder)) {
                var name = folder.relativize(path).toString().replace(File.separatorChar, '/');
                out.putNextEntry(new ZipEntry(Files.isDirectory(path) ? name + "/" : name));
                if (Files.isRegularFile(path)) {
                    Files.copy(path, out);
                }
                out.closeEntry();
            }
        }
    }

    private static List<Path> below(Path folder) throws IOException {
        try (var inside = Files.walk(folder)) {
            return inside.filter(path -> !path.equals(folder)).sorted().toList();
        }
    }

    /** Changes with any file of the class path. */
    private static String fingerprint(List<Path> entries) throws IOException {
        var lines = new ArrayList<String>();
        for (var entry : entries) {
            for (var file : Files.isDirectory(entry) ? below(entry) : List.of(entry)) {
                lines.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        }
        var text = lines.stream().collect(Collectors.joining("\n", System.getProperty("java.home"), ""));
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new BigInteger(1, hash).toString(16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void removeOlder() throws IOException {
        try (var inside = Files.walk(FOLDER)) {
            for (var path : inside.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(FOLDER) && !path.endsWith("lock")) {
                    Files.delete(path);
                }
            }
        }
    }
}
