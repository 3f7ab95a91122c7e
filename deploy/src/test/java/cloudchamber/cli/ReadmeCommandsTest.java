package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Every command that the README shows does what it shows, in a fresh distribution, but those named here. */
class ReadmeCommandsTest {
    /** Commands that are not run, by how they begin, and why. */
    private static final Map<String, String> NOT_RUN = Map.of(
            "git clone", "the distribution is here",
            "mvn verify", "this test is a part of it",
            "./cloudchamber models install", "fetches from a registry",
            "./cloudchamber demo --once --problems deploy/examples/gsm8k-10.jsonl", "needs what the registry has",
            "./cloudchamber sweep", "takes more than two minutes");

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Pattern JOB = Pattern.compile("job-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    /** What is the same on every machine. */
    private static final Pattern ESSENTIAL = Pattern.compile("HTTP/1\\.1 \\d+ \\w+|\"status\":\"\\w+\"");

    /**
     * A command as the README has it.
     *
     * @param section the heading it stands under
     * @param shown what it prints there
     */
    private record Command(String section, String line, String shown) {
        boolean isServer() {
            return line.startsWith("./cloudchamber start");
        }

        boolean isRun() {
            return NOT_RUN.keySet().stream().noneMatch(line::startsWith);
        }

        List<String> essentials() {
            return ESSENTIAL
                    .matcher(shown)
                    .results()
                    .map(result -> result.group())
                    .toList();
        }
    }

    private final List<Process> servers = new ArrayList<>();
    private final Map<String, String> jobs = new HashMap<>();
    private Path home;
    private String httpPort;
    private String clusterPort;

    @Test
    void theReadmeHasCommandsAndTheOnesNotRunAreAmongThem() throws IOException {
        var commands = commands();

        assertThat(commands).extracting(Command::line).contains("./cloudchamber start", "./cloudchamber demo --once");
        assertThat(NOT_RUN.keySet())
                .allSatisfy(start ->
                        assertThat(commands).anyMatch(command -> command.line().startsWith(start)));
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void everyCommandDoesWhatItShows(@TempDir Path folder) throws Exception {
        home = Distribution.make(folder.resolve("cloudchamber"));
        try {
            var section = "";
            for (var command : commands().stream().filter(Command::isRun).toList()) {
                if (!command.section().equals(section)) {
                    section = command.section();
                    stopServers();
                    httpPort = freePort();
                    clusterPort = freePort();
                }
                run(command);
            }
        } finally {
            stopServers();
        }
    }

    // ---- reading

    private static List<Command> commands() throws IOException {
        var commands = new ArrayList<Command>();
        var section = "";
        boolean console = false;
        StringBuilder line = null;
        var shown = new StringBuilder();
        for (var text : Files.readAllLines(Program.REPOSITORY.resolve("README.md"))) {
            if (text.startsWith("## ")) {
                section = text;
            }
            boolean begins = console && text.startsWith("$ ");
            boolean ends = console && text.startsWith("```");
            if ((begins || ends) && line != null) {
                commands.add(new Command(section, line.toString(), shown.toString()));
                line = null;
            }
            if (begins) {
                line = new StringBuilder(text.substring(2));
                shown.setLength(0);
            } else if (line != null && shown.isEmpty() && line.charAt(line.length() - 1) == '\\') {
                line.setCharAt(line.length() - 1, ' ');
                line.append(text.strip());
            } else {
                shown.append(text).append('\n');
            }
            console = ends ? false : console || text.equals("```console");
        }
        return commands;
    }

    // ---- running

    /** The ports are free ones here, and a job has another id. */
    private String here(Command command) {
        var line = command.line().replace("8080", httpPort).replace("7355", clusterPort);
        for (var job : jobs.entrySet()) {
            line = line.replace(job.getKey(), job.getValue());
        }
        return command.isServer() && !line.contains("--http-port") ? line + " --http-port " + httpPort : line;
    }

    private void run(Command command) throws Exception {
        if (command.isServer()) {
            startServer(command);
            return;
        }
        var printed = new String[1];
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            // A command that changes something is run once; what only looks may have to look again.
            printed[0] = printed[0] == null || command.line().startsWith("curl -s ") ? once(command) : printed[0];
            for (var essential : command.essentials()) {
                assertThat(printed[0]).as(command.line()).contains(essential);
            }
        });
        var theirs = JOB.matcher(command.shown());
        var ours = JOB.matcher(printed[0]);
        while (theirs.find() && ours.find()) {
            jobs.putIfAbsent(theirs.group(), ours.group());
        }
    }

    private String once(Command command) throws IOException, InterruptedException {
        var out = Files.createTempFile(home, "out", ".txt");
        var process = shell(here(command))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        var printed = Files.readString(out);
        assertThat(ended && process.exitValue() == 0)
                .as(command.line() + "\n" + printed)
                .isTrue();
        return printed;
    }

    private void startServer(Command command) throws IOException {
        var process = shell(here(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        servers.add(process);
        var out = process.inputReader(StandardCharsets.UTF_8);
        var ready = command.line().contains("--role p") ? "cluster: " : "http: ";
        var line = out.readLine();
        while (line != null && !line.startsWith(ready)) {
            line = out.readLine();
        }
        assertThat(line).as(command.line()).isNotNull();
    }

    private ProcessBuilder shell(String line) {
        var builder = new ProcessBuilder("bash", "-c", line).directory(home.toFile());
        builder.environment().put("HOME", home.toString());
        builder.environment().put("CLOUDCHAMBER_JIT_TIER", "1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private void stopServers() throws InterruptedException {
        for (var server : servers.reversed()) {
            server.destroy();
            if (!server.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                server.destroyForcibly();
            }
        }
        servers.clear();
    }

    private static String freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return Integer.toString(socket.getLocalPort());
        }
    }
}
