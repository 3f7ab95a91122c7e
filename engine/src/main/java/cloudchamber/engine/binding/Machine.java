package cloudchamber.engine.binding;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What this machine is, as far as the library's kernels care. */
record Machine(String system, String architecture, Set<String> processorFlags) {

    static Machine current() {
        return new Machine(
                System.getProperty("os.name").toLowerCase(Locale.ROOT),
                System.getProperty("os.arch").toLowerCase(Locale.ROOT),
                flags(Path.of("/proc/cpuinfo")));
    }

    private static Set<String> flags(Path description) {
        try (var lines = Files.lines(description)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line ->
                            Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
                    .orElse(Set.of());
        } catch (IOException notLinux) {
            return Set.of();
        }
    }

    /** Refuses a machine on which the library's instructions do not exist: the process would end there. */
    void require(List<String> flags) {
        if (!system.equals("linux") || !Set.of("amd64", "x86_64").contains(architecture)) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE,
                    "the bundled native library runs on linux amd64: this is " + system + " " + architecture);
        }
        var missing =
                flags.stream().filter(flag -> !processorFlags.contains(flag)).toList();
        if (!missing.isEmpty()) {
            throw new EngineException(
                    Category.LIBRARY_UNAVAILABLE,
                    "the bundled native library needs a processor with " + String.join(", ", flags)
                            + ": this one lacks " + String.join(", ", missing));
        }
    }
}
