package cloudchamber.cli;

import cloudchamber.cli.options.EngineOptions;
import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.Model;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.models.Installation;
import cloudchamber.models.ModelFolder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Instant;
import java.time.Year;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether this machine can run a node. */
@Command(
        name = "doctor",
        description = "Looks whether this machine can run a node, and says what is wrong.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 3 says that something a node needs is missing."})
final class DoctorCommand implements Callable<Integer> {
    private static final int OLDEST_JDK = 25;
    private static final long LEAST_MEMORY_BYTES = 2L << 30;
    private static final Year YEAR_OF_THIS_PROGRAM = Year.of(2026);

    /**
     * One thing looked at.
     *
     * @param state ok, warning or missing
     */
    private record Finding(String what, String state, String detail) {}

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var findings = new ArrayList<Finding>();
        findings.add(jdk());
        findings.add(memory());
        findings.addAll(models());
        findings.add(library());
        findings.add(port());
        findings.add(data());
        findings.add(clock());
        var out = specification.commandLine().getOut();
        if (json) {
            var object = ApiClient.JSON.createObjectNode();
            var list = object.putArray("findings");
            findings.forEach(finding -> list.addObject()
                    .put("what", finding.what())
                    .put("state", finding.state())
                    .put("detail", finding.detail()));
            out.println(object);
        } else {
            findings.forEach(finding ->
                    out.printf(Locale.ROOT, "%-8s %-10s %s%n", finding.state(), finding.what(), finding.detail()));
        }
        out.flush();
        return findings.stream().anyMatch(finding -> finding.state().equals("missing"))
                ? ExitCode.UNAVAILABLE
                : ExitCode.OK;
    }

    private static Finding jdk() {
        int feature = Runtime.version().feature();
        return new Finding(
                "jdk",
                feature >= OLDEST_JDK ? "ok" : "missing",
                System.getProperty("java.vendor") + " " + Runtime.version() + " on " + System.getProperty("os.name")
                        + " " + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors");
    }

    private static Finding memory() {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        long total = system.getTotalMemorySize();
        return new Finding(
                "memory",
                total >= LEAST_MEMORY_BYTES ? "ok" : "warning",
                String.format(
                        Locale.ROOT,
                        "%.1f GB, %.1f GB free; this process may use %.1f GB",
                        total / 1e9,
                        system.getFreeMemorySize() / 1e9,
                        Runtime.getRuntime().maxMemory() / 1e9));
    }

    private static List<Finding> models() {
        var findings = new ArrayList<Finding>();
        var folder = ModelFolder.standard();
        try {
            for (var entry : List.of(folder.policy("bundled"), folder.prm("bundled"))) {
                findings.add(new Finding(
                        "model",
                        "ok",
                        entry.file().getFileName() + ", SHA-256 "
                                + Installation.sha256(Files.newInputStream(entry.file()))));
            }
        } catch (IOException | CommandFailure unreadable) {
            findings.add(new Finding("model", "missing", unreadable.getMessage()));
        }
        return findings;
    }

    private Finding library() {
        try {
            var model = Model.load(ModelFolder.standard().policy("bundled").file(), engine.choice());
            try {
                var library = model.library();
                return new Finding(
                        "library",
                        "ok",
                        "llama.cpp " + library.release() + ", processor variant " + library.cpuVariant() + ", "
                                + EngineSettings.DEFAULT.threads() + " threads, numerics class "
                                + model.numericsClass().id());
            } finally {
                model.close();
            }
        } catch (EngineException | CommandFailure unusable) {
            return new Finding("library", "missing", unusable.getMessage());
        }
    }

    private static Finding port() {
        try (var socket = new ServerSocket(StartCommand.HTTP_PORT, 1, InetAddress.getLoopbackAddress())) {
            return new Finding("port", "ok", socket.getLocalPort() + " is free");
        } catch (IOException taken) {
            return new Finding(
                    "port",
                    "warning",
                    StartCommand.HTTP_PORT + " is taken: start with --http-port, or stop what has it");
        }
    }

    private static Finding data() {
        var folder = Home.defaultData();
        try {
            Home.writable(folder);
            return new Finding(
                    "data",
                    Files.isWritable(folder) ? "ok" : "missing",
                    String.format(
                            Locale.ROOT,
                            "%s, %.1f GB free",
                            folder,
                            Files.getFileStore(folder).getUsableSpace() / 1e9));
        } catch (IOException | CommandFailure unwritable) {
            return new Finding("data", "missing", unwritable.getMessage());
        }
    }

    private static Finding clock() {
        var now = Instant.now();
        boolean plausible = !now.isBefore(Instant.parse(YEAR_OF_THIS_PROGRAM + "-01-01T00:00:00Z"));
        return new Finding("clock", plausible ? "ok" : "warning", now + " in UTC");
    }
}
