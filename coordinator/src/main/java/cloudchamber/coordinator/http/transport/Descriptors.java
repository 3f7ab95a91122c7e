package cloudchamber.coordinator.http.transport;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.pattern.Patterns;

/**
 * Keeps some of the process's file descriptors free: connections wait in the operating system while there are few.
 * To accept without one fails, at once and again.
 */
final class Descriptors {
    private static final int RESERVE = 32;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Descriptors() {}

    /** Done when there are enough for one more connection. */
    static <T> CompletionStage<T> whenFree(T connection, ActorSystem<?> system) {
        return areFree()
                ? CompletableFuture.completedStage(connection)
                : Patterns.after(PAUSE, system.classicSystem(), () -> whenFree(connection, system));
    }

    private static boolean areFree() {
        return !(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)
                || unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() > RESERVE;
    }
}
