package cloudchamber.node;

import cloudchamber.console.CommandFailure;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers in processes of their own, one for each model: what ends one of them, such as a failed assertion
 * of the native library, costs that worker and nothing else. One that ends is started again.
 */
public final class EngineProcesses implements AutoCloseable {
    /*
     * One thread watches one process. A process that ends soon after its start is started again later and
     * later, up to a limit; one that lived for a while, at once. A first start that fails is the user's to
     * know: the model is missing, or cannot be used here.
     */
    private static final Logger LOG = LoggerFactory.getLogger(EngineProcesses.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONG_LIFE = Duration.ofMinutes(1);

    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> watchers = new ArrayList<>();

    private final Class<?> program;

    private EngineProcesses(Class<?> program) {
        this.program = program;
    }

    /**
     * Starts the processes and waits until all are ready.
     *
     * @param program their main class
     * @param workers the arguments of {@code start} for each
     * @throws CommandFailure if one does not start; none is left then
     */
    public static EngineProcesses start(Class<?> program, List<List<String>> workers) {
        var processes = new EngineProcesses(program);
        var ready = workers.stream().map(processes::watch).toList();
        try {
            ready.forEach(CompletableFuture::join);
            return processes;
        } catch (CompletionException failed) {
            processes.close();
            throw failed.getCause() instanceof CommandFailure failure ? failure : failed;
        }
    }

    /** Weights and contexts are the engine's own memory, beside Java's. */
    private static List<String> javaOptions() {
        return List.of("-Xmx" + ConfigFactory.load().getString("cloudchamber.engine.heap"));
    }

    private CompletableFuture<Void> watch(List<String> arguments) {
        var ready = new CompletableFuture<Void>();
        watchers.add(Thread.ofVirtual().name("engine-process").start(() -> keepAlive(arguments, ready)));
        return ready;
    }

    private void keepAlive(List<String> arguments, CompletableFuture<Void> ready) {
        var pause = FIRST_PAUSE;
        try {
            while (closing.getCount() > 0) {
                long started = System.nanoTime();
                try (var child = ChildNode.start(program, arguments, javaOptions())) {
                    ready.complete(null);
                    while (closing.getCount() > 0 && !child.ended(FIRST_PAUSE)) {
                        // It runs.
                    }
                } catch (CommandFailure failed) {
                    if (ready.completeExceptionally(failed)) {
                        return;
                    }
                    LOG.warn("{}", failed.getMessage());
                }
                if (closing.getCount() > 0) {
                    boolean lived = System.nanoTime() - started > LONG_LIFE.toNanos();
                    pause = lived ? FIRST_PAUSE : pause;
                    LOG.warn(
                            "the worker process [start {}] ended: it starts again in {}",
                            String.join(" ", arguments),
                            pause);
                    if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    var longer = pause.multipliedBy(2);
                    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many there are. */
    public int count() {
        return watchers.size();
    }

    /** Ends them all. */
    @Override
    public void close() {
        closing.countDown();
        for (var watcher : watchers) {
            try {
                watcher.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
