package cloudchamber.worker;

import cloudchamber.protocol.model.CounterRandom;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * How long a simulated backend takes: log-normal with a stated mean and coefficient of variation,
 * drawn from a key, so that a repeat takes as long again.
 */
public final class SimulatedLatency implements AutoCloseable {
    /** What separates the draw of a latency from the draws of the work itself. */
    private static final long SALT = 0x6C6174656E6379L;

    private final Duration mean;
    private final double coefficientOfVariation;
    private final ScheduledExecutorService timer;
    private final Set<Runnable> pending = new LinkedHashSet<>();
    private volatile boolean closed;

    /**
     * @param mean zero for none at all
     * @param coefficientOfVariation standard deviation over mean, at least 0
     */
    public SimulatedLatency(Duration mean, double coefficientOfVariation) {
        if (mean.isNegative() || !(coefficientOfVariation >= 0)) {
            throw new IllegalArgumentException(
                    "a latency's mean and coefficient of variation must not be negative: were " + mean + " and "
                            + coefficientOfVariation);
        }
        this.mean = mean;
        this.coefficientOfVariation = coefficientOfVariation;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("simulated-latency").factory());
    }

    /** No latency. */
    public static SimulatedLatency none() {
        return new SimulatedLatency(Duration.ZERO, 0);
    }

    /**
     * The result, after the latency drawn from {@code key}.
     *
     * @param refusal the result instead, once this is closed; those under way get it at once
     */
    public <R> CompletableFuture<R> after(long key, Supplier<R> result, Supplier<R> refusal) {
        var future = new CompletableFuture<R>();
        synchronized (pending) {
            if (!closed && !mean.isZero()) {
                Runnable refuse = () -> complete(future, refusal);
                pending.add(refuse);
                timer.schedule(
                        () -> {
                            complete(future, result);
                            forget(refuse);
                        },
                        micros(key),
                        TimeUnit.MICROSECONDS);
                return future;
            }
        }
        complete(future, closed ? refusal : result);
        return future;
    }

    private static <R> void complete(CompletableFuture<R> future, Supplier<R> result) {
        if (!future.isDone()) {
            try {
                future.complete(result.get());
            } catch (RuntimeException bug) {
                future.completeExceptionally(bug);
            }
        }
    }

    private void forget(Runnable refuse) {
        synchronized (pending) {
            pending.remove(refuse);
        }
    }

    /** The latency drawn from {@code key}, in microseconds. */
    long micros(long key) {
        double variance = Math.log1p(coefficientOfVariation * coefficientOfVariation);
        var stream = new CounterRandom(key ^ SALT);
        double normal = stream.nextGaussian();
        return Math.round(mean.toNanos() / 1000.0 * Math.exp(Math.sqrt(variance) * normal - variance / 2));
    }

    @Override
    public void close() {
        List<Runnable> underWay;
        synchronized (pending) {
            closed = true;
            timer.shutdownNow();
            underWay = List.copyOf(pending);
            pending.clear();
        }
        underWay.forEach(Runnable::run);
    }
}
