package cloudchamber.node;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** How a process of this program starts another one: with the same Java, class path and ahead-of-time cache. */
public final class ChildJava {
    private static final List<String> INHERITED = List.of("-XX:AOTCache=", "-Xlog:aot");
    private static final String HOME = "cloudchamber.home";

    private ChildJava() {}

    /**
     * The words of a command, up to the main class.
     *
     * @param options of its Java, beside the usual ones
     */
    public static List<String> command(Class<?> main, List<String> options) {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                // A process without memory does not go on with half of its threads.
                "-XX:+ExitOnOutOfMemoryError",
                // Nothing is read by Java serialization.
                "-Djdk.serialFilter=!*"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> INHERITED.stream().anyMatch(argument::startsWith))
                .forEach(command::add);
        var home = System.getProperty(HOME);
        if (home != null) {
            command.add("-D" + HOME + "=" + home);
        }
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        return command;
    }
}
