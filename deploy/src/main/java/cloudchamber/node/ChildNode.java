package cloudchamber.node;

import cloudchamber.console.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, on this machine; it ends when its parent does. */
public final class ChildNode implements AutoCloseable {
    private static final String READY = "cluster: ";

    private final Process process;

    private ChildNode(Process process) {
        this.process = process;
    }

    /** For a worker that lives a short time. */
    public static final List<String> QUICK_START = List.of("-XX:TieredStopAtLevel=1");

    /**
     * Starts {@code start ARGUMENTS…} and waits until it says where it is.
     *
     * @param program its main class
     * @param javaOptions options of its Java, beside the usual ones
     */
    public static ChildNode start(Class<?> program, List<String> arguments, List<String> javaOptions) {
        var command = new ArrayList<>(ChildJava.command(program, javaOptions));
        command.addAll(List.of("start", "--until-stdin-closes"));
        command.addAll(arguments);
        try {
            var process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            for (var line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(READY)) {
                    return new ChildNode(process);
                }
            }
            throw CommandFailure.unavailable("a worker process ended before it was ready");
        } catch (IOException failed) {
            throw CommandFailure.unavailable("a worker process could not be started: " + failed);
        }
    }

    long processId() {
        return process.pid();
    }

    /** Waits for its end; false if it still runs after so long. */
    boolean ended(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
