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
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * How long a simulated backend takes: log-normal with a stated mean and coefficient of variation,
 * drawn from a key, so that a repeat takes as long again.
 */
public final class SimulatedLatency implements AutoCloseable {
    /** What separates the draw of a latency from the draws of the work itself. */
    private static final long SALT = 0x6C6174656E6379L;

    private final boolean instant;
    private final LongUnaryOperator micros;
    private final ScheduledExecutorService timer;
    private final LongAdder timed = new LongAdder();
    private final LongAdder lateMicros = new LongAdder();
    private final LongAccumulator maxLateMicros = new LongAccumulator(Math::max, 0);
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
        this(mean.isZero(), logNormal(mean, coefficientOfVariation));
    }

    private SimulatedLatency(boolean instant, LongUnaryOperator micros) {
        this.instant = instant;
        this.micros = micros;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("simulated-latency").factory());
    }

    /**
     * A law of one's own.
     *
     * @param micros the microseconds of a key; 0 for not at all
     */
    public static SimulatedLatency of(LongUnaryOperator micros) {
        return new SimulatedLatency(false, micros);
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
            long delayMicros = instant ? 0 : micros.applyAsLong(key);
            if (!closed && delayMicros > 0) {
                long dueNanos = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(delayMicros);
                Runnable refuse = () -> complete(future, refusal);
                pending.add(refuse);
                timer.schedule(
                        () -> {
                            countLate(System.nanoTime() - dueNanos);
                            complete(future, result);
                            forget(refuse);
                        },
                        delayMicros,
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

    private void countLate(long nanos) {
        long late = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
        timed.increment();
        lateMicros.add(late);
        maxLateMicros.accumulate(late);
    }

    /** How late the timer was, on average: the error of everything measured with it. */
    public double meanLateMicros() {
        return timed.sum() == 0 ? 0 : (double) lateMicros.sum() / timed.sum();
    }

    /** How late the timer was at most. */
    public long maxLateMicros() {
        return maxLateMicros.get();
    }

    /** The latency drawn from {@code key}, in microseconds. */
    long micros(long key) {
        return micros.applyAsLong(key);
    }

    private static LongUnaryOperator logNormal(Duration mean, double coefficientOfVariation) {
        double variance = Math.log1p(coefficientOfVariation * coefficientOfVariation);
        return key -> {
            double normal = new CounterRandom(key ^ SALT).nextGaussian();
            return Math.round(mean.toNanos() / 1000.0 * Math.exp(Math.sqrt(variance) * normal - variance / 2));
        };
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
