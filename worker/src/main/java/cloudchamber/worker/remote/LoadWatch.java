package cloudchamber.worker.remote;

import java.time.Duration;
import java.util.Optional;

/** Reads a server's load now and then for those who decide how many calls it gets. */
public final class LoadWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final String PATH = "/metrics";

    /** What tells a server's load. */
    @FunctionalInterface
    public interface Source {
        /** The load just now; empty if the server says nothing of it. */
        Optional<ServerLoad> read() throws InterruptedException;
    }

    private final Source source;
    private final RemoteCalls calls;
    private final Thread thread;

    private LoadWatch(Source source, RemoteCalls calls) {
        this.source = source;
        this.calls = calls;
        this.thread = Thread.ofVirtual().name("remote-load").unstarted(this::watch);
    }

    /** Watches until it is closed, or the server turns out to publish no load. */
    public static LoadWatch start(Source source, RemoteCalls calls) {
        var watch = new LoadWatch(source, calls);
        watch.thread.start();
        return watch;
    }

    /** What the server's page says; empty if it has none. */
    public static Optional<ServerLoad> read(HttpEndpoint endpoint) throws InterruptedException {
        return endpoint.text(PATH, INTERVAL.multipliedBy(2)).flatMap(ServerLoad::of);
    }

    private void watch() {
        try {
            Optional<ServerLoad> before = Optional.empty();
            while (true) {
                try {
                    var load = source.read();
                    if (load.isEmpty()) {
                        return;
                    }
                    calls.observed(load.get(), before.orElse(load.get()));
                    before = load;
                } catch (RemoteTrouble unreachable) {
                    // Calls meet the same trouble and deal with it.
                    before = Optional.empty();
                }
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
