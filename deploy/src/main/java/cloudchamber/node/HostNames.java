package cloudchamber.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

/** Waits for names: where nodes are given theirs as they start, it takes a while until they are known. */
public final class HostNames {
    private HostNames() {}

    /**
     * The address of a name; empty if it is not known within {@code patience}.
     *
     * @param interval between two questions
     */
    public static Optional<InetAddress> await(String host, Duration patience, Duration interval)
            throws InterruptedException {
        long startNanos = System.nanoTime();
        while (true) {
            try {
                return Optional.of(InetAddress.getByName(host));
            } catch (UnknownHostException unknown) {
                if (System.nanoTime() - startNanos >= patience.toNanos()) {
                    return Optional.empty();
                }
                Thread.sleep(interval);
            }
        }
    }
}
