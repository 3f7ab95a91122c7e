package cloudchamber;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The main sources of every module but the benchmarks, as text. */
final class SourceTree {
    private static final Path REPOSITORY = Path.of("..");
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Pattern MAY_USE = Pattern.compile("May use: ([^.]+(?:\\.[^ .*][^.]*)*)\\.(?=\\s)");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?(cloudchamber(?:\\.[a-z]\\w*)+)\\.");
    private static final Pattern NAME = Pattern.compile("\\{@code ([a-z.]+)}");

    /** A file of a package. */
    record Source(String packageName, Path file, int lines, Set<String> importedPackages) {
        String simpleName() {
            return file.getFileName().toString().replace(".java", "");
        }
    }

    /**
     * What a package says that it may use.
     *
     * @param packages without the root {@code cloudchamber.}
     * @param jdk whether it may use nothing else but the JDK
     * @param everything whether it may use every package
     */
    record MayUse(Set<String> packages, boolean jdk, boolean everything) {}

    private final List<Source> sources;

    private SourceTree(List<Source> sources) {
        this.sources = sources;
    }

    static SourceTree read() {
        try (var modules = Files.list(REPOSITORY)) {
            return new SourceTree(modules.map(module -> module.resolve(SOURCES))
                    .filter(Files::isDirectory)
                    .flatMap(SourceTree::sources)
                    .toList());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Stream<Source> sources(Path root) {
        try (var files = Files.walk(root)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(file -> source(root, file))
                    .toList()
                    .stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Source source(Path root, Path file) {
        var text = text(file);
        return new Source(
                root.relativize(file.getParent()).toString().replace('/', '.'),
                file,
                (int) text.lines().count(),
                IMPORT.matcher(text).results().map(line -> line.group(1)).collect(Collectors.toSet()));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    List<Source> all() {
        return sources;
    }

    /** The files of each package. */
    Map<String, List<Source>> packages() {
        return sources.stream().collect(Collectors.groupingBy(Source::packageName, TreeMap::new, Collectors.toList()));
    }

    /** What each package says in its {@code package-info} that it may use; a package that does not say so is missing. */
    Map<String, MayUse> mayUse() {
        var said = new TreeMap<String, MayUse>();
        for (var source : sources) {
            if (source.simpleName().equals("package-info")) {
                var prose = text(source.file()).replaceAll("\\s+\\*\\s+", " ");
                var line = MAY_USE.matcher(prose);
                if (line.find()) {
                    var names = NAME.matcher(line.group(1))
                            .results()
                            .map(name -> name.group(1))
                            .collect(Collectors.toSet());
                    said.put(
                            source.packageName(),
                            new MayUse(
                                    names,
                                    line.group(1).startsWith("the JDK"),
                                    line.group(1).equals("everything")));
                }
            }
        }
        return said;
    }
}
