package cloudchamber.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program as a user runs it: in a process of its own. */
public final class Program {
    private Program() {}

    public static final Path REPOSITORY =
            Path.of(System.getProperty("user.dir")).getParent();
    private static final long TIMEOUT_MINUTES = 15;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a finished command left behind. */
    record Result(int exitCode, String out, String err) {
        JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException notJson) {
                throw new UncheckedIOException("standard output was: " + out + "\nstandard error was: " + err, notJson);
            }
        }
    }

    /** Runs a command to its end. */
    static Result run(String... arguments) {
        try {
            var err = Files.createTempFile("cloudchamber-err", ".txt");
            var process = new ProcessBuilder(command(List.of(arguments)))
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(List.of(arguments) + " did not end within " + TIMEOUT_MINUTES + " minutes");
            }
            var result = new Result(process.exitValue(), out, Files.readString(err));
            Files.delete(err);
            return result;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** Starts a command that the test will not wait for. */
    static Process start(String... arguments) throws IOException {
        return new ProcessBuilder(command(List.of(arguments)))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static List<String> command(List<String> arguments) {
        return command(Main.class, List.of(), arguments);
    }

    private static List<String> command(Class<?> main, List<String> options, List<String> arguments) {
        var command = new ArrayList<>(java());
        command.addAll(options);
        command.addAll(FastStart.options());
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }

    /** A Java that starts fast, up to its class path. */
    static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dcloudchamber.home=" + REPOSITORY);
    }

    /** A node that runs beside the test; closing it is a kill. */
    static final class Node implements AutoCloseable {
        /** A node that gets no processor for seconds is not taken for dead. */
        private static final List<String> PATIENT =
                List.of("-Dpekko.cluster.failure-detector.acceptable-heartbeat-pause=10s");

        private final ProcessBuilder builder;
        private final Process process;
        private final BufferedReader out;
        private final String last;
        private final Map<String, String> said = new HashMap<>();

        private Node(ProcessBuilder builder, String last) throws IOException {
            this.builder = builder;
            this.process = builder.start();
            this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            this.last = last;
        }

        /** Runs {@code start ARGUMENTS…} and waits until it says where it is. */
        static Node start(String... arguments) {
            return start(Map.of(), arguments);
        }

        /** The same, with more environment variables. */
        static Node start(Map<String, String> environment, String... arguments) {
            return start(environment, PATIENT, ProcessBuilder.Redirect.INHERIT, List.of(arguments));
        }

        /** The same as users have it, the dead found as soon as that, with its log in a file. */
        static Node start(Path log, List<String> arguments) {
            return start(Map.of(), List.of(), ProcessBuilder.Redirect.appendTo(log.toFile()), arguments);
        }

        /** Runs another program that says {@code cluster: WHERE}. */
        static Node start(Class<?> main, List<String> arguments) {
            try {
                var builder = new ProcessBuilder(command(main, PATIENT, arguments))
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
                var node = new Node(builder, "cluster");
                node.awaitStart();
                return node;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        /**
         * The same on a machine of a test.
         *
         * @param before the words before the command
         */
        static Node start(List<String> before, Path log, List<String> arguments) {
            return start(before, List.of(), log, arguments);
        }

        /**
         * The same with other settings.
         *
         * @param options of Java
         */
        static Node start(List<String> before, List<String> options, Path log, List<String> arguments) {
            return start(before, Map.of(), options, ProcessBuilder.Redirect.appendTo(log.toFile()), arguments);
        }

        private static Node start(
                Map<String, String> environment,
                List<String> options,
                ProcessBuilder.Redirect log,
                List<String> arguments) {
            return start(List.of(), environment, options, log, arguments);
        }

        /** @param before the words before the command */
        private static Node start(
                List<String> before,
                Map<String, String> environment,
                List<String> options,
                ProcessBuilder.Redirect log,
                List<String> arguments) {
            var all = new ArrayList<>(List.of("start", "--until-stdin-closes"));
            all.addAll(arguments);
            try {
                if (!all.contains("--data")) {
                    all.addAll(List.of(
                            "--data",
                            Files.createTempDirectory("cloudchamber-node-").toString()));
                }
                var words = new ArrayList<>(before);
                words.addAll(command(Main.class, options, all));
                var builder = new ProcessBuilder(words).redirectError(log);
                builder.environment().putAll(environment);
                var last = all.contains("--role") && !all.contains("coordinator") ? "cluster" : "http";
                var node = new Node(builder, last);
                node.awaitStart();
                return node;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        /** Starts it again, after its end, by the same command. */
        Node again() {
            try {
                var node = new Node(builder, last);
                node.awaitStart();
                return node;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        /** Waits until it says where it is, the first time or again. */
        void awaitStart() {
            try {
                for (var line = out.readLine(); line != null; line = out.readLine()) {
                    hear(line);
                    if (line.startsWith(last + ": ")) {
                        return;
                    }
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            throw new AssertionError("a node ended before it was ready: " + process.info());
        }

        private void hear(String line) {
            var colon = line.indexOf(": ");
            if (colon > 0) {
                said.put(line.substring(0, colon), line.substring(colon + 2));
            }
        }

        /** The cluster's address, {@code HOST:PORT}. */
        String address() {
            return said.get("cluster");
        }

        /** Where the health port answers. */
        String health() {
            return said.get("health");
        }

        /** Where the API answers. */
        String url() {
            return said.get("http");
        }

        boolean lives() {
            return process.isAlive();
        }

        long processId() {
            return process.pid();
        }

        /** Ends it by the end of its input; all that it has said. */
        Map<String, String> endOfInput() {
            try {
                process.getOutputStream().close();
                for (var line = out.readLine(); line != null; line = out.readLine()) {
                    hear(line);
                }
                return Map.copyOf(said);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        /** Sends a signal, by its name without SIG. */
        void signal(String name) {
            try {
                int exitCode = new ProcessBuilder("kill", "-" + name, Long.toString(processId()))
                        .inheritIO()
                        .start()
                        .waitFor();
                if (exitCode != 0) {
                    throw new AssertionError("the signal " + name + " must reach the node: kill said " + exitCode);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new AssertionError(interrupted);
            }
        }

        /** Waits for the end that it was asked for; its exit code. */
        int awaitEnd(Duration patience) {
            try {
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("the node must end within " + patience + ": did not");
                }
                return process.exitValue();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new AssertionError(interrupted);
            }
        }

        /** kill -9. */
        void kill() {
            process.destroyForcibly();
            process.onExit().join();
        }

        @Override
        public void close() {
            kill();
        }
    }
}
