package cloudchamber.worker.remote;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Runs calls to one server: as many at once as it bears, again after trouble that may pass, and not at all
 * while it is down, but for one probe at a time.
 */
public final class RemoteCalls implements AutoCloseable {
    /*
     * A call waits for a slot of the window, in order. Waiting for a slot has no limit of its own: the slots are
     * ours and each call in one has a limit. CallGate decides who goes. Trouble starts a request's patience; when it is over, or the trouble
     * cannot pass, the request is refused. Every try of a request is the same request, seed included.
     */
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);
    private static final int INVALID_TRIES = 2;
    /** One call left, and its success may have widened the window by one. */
    private static final int MOST_WOKEN = 2;

    /** What a backend answers that has been closed. */
    public static final Refusal CLOSED = new Refusal(Category.STOPPING, "the backend is closed");

    /** One exchange, or several that belong together. */
    @FunctionalInterface
    public interface Call<R> {
        /**
         * @throws RemoteTrouble what is expected to happen now and then
         */
        R run() throws InterruptedException;
    }

    private final Duration patience;
    private final Call<?> probe;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition slotFree = lock.newCondition();
    private final Condition gateChanged = lock.newCondition();
    private final Set<Thread> underWay = ConcurrentHashMap.newKeySet();
    private final CallGate gate;
    private volatile boolean closed;

    /**
     * @param probe the least that shows the server works; run before anything else once it was down
     */
    public RemoteCalls(RemoteSettings settings, Call<?> probe) {
        this.patience = settings.patience();
        this.probe = probe;
        this.gate = new CallGate(settings.slots());
    }

    /**
     * Starts one request.
     *
     * @param key by which the waits between tries are drawn
     * @param refused the result for a request that is given up
     * @return never fails but for bugs; to cancel it interrupts the call
     */
    public <R> CompletableFuture<R> run(long key, Call<R> call, Function<Refusal, R> refused) {
        var result = new CompletableFuture<R>();
        var thread = Thread.ofVirtual().name("remote-call").unstarted(() -> {
            try {
                result.complete(tried(key, call, refused));
            } catch (RuntimeException bug) {
                result.completeExceptionally(bug);
            } finally {
                underWay.remove(Thread.currentThread());
            }
        });
        underWay.add(thread);
        if (closed) {
            underWay.remove(thread);
            return CompletableFuture.completedFuture(refused.apply(CLOSED));
        }
        thread.start();
        result.whenComplete((ended, failure) -> {
            if (result.isCancelled()) {
                thread.interrupt();
            }
        });
        return result;
    }

    private <R> R tried(long key, Call<R> call, Function<Refusal, R> refused) {
        long troubleSince = 0;
        int invalid = 0;
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return once(call, troubleSince);
                } catch (RemoteTrouble trouble) {
                    long now = System.nanoTime();
                    troubleSince = troubleSince == 0 ? now : troubleSince;
                    var category = trouble.refusal().category();
                    invalid += category == Category.BACKEND_INVALID ? 1 : 0;
                    var wait = wait(key, attempt, trouble);
                    boolean over = now - troubleSince + wait.toNanos() > patience.toNanos();
                    if (over || !passes(category) || invalid >= INVALID_TRIES) {
                        return refused.apply(trouble.refusal());
                    }
                    Thread.sleep(wait);
                }
            }
        } catch (InterruptedException stopped) {
            return refused.apply(CLOSED);
        }
    }

    private static Duration wait(long key, int attempt, RemoteTrouble trouble) {
        long backoff = Math.min(LONGEST_BACKOFF.toNanos(), FIRST_BACKOFF.toNanos() << Math.min(attempt - 1, 20));
        var drawn = Duration.ofNanos((long) (backoff * (0.5 + 0.5 * CounterRandom.uniform(key, attempt))));
        return trouble.retryAfter().filter(asked -> asked.compareTo(drawn) > 0).orElse(drawn);
    }

    /** Whether the same request may meet better luck at the same server. */
    private static boolean passes(Category category) {
        return switch (category) {
            case OVERLOADED, BACKEND_UNAVAILABLE, BACKEND_INVALID, TIMED_OUT -> true;
            case PREFIX_UNKNOWN, STOPPING, MODEL_UNKNOWN, CONTEXT_OVERFLOW, INVALID_REQUEST -> false;
        };
    }

    private <R> R once(Call<R> call, long troubleSince) throws InterruptedException {
        boolean probing = enter(troubleSince);
        long begun = System.nanoTime();
        try {
            if (probing) {
                probe.run();
                change(now -> gate.probed());
            }
            var result = call.run();
            change(now -> gate.succeeded(begun));
            return result;
        } catch (RemoteTrouble trouble) {
            change(now -> gate.failed(trouble.refusal().category(), trouble.retryAfter(), begun, now));
            throw trouble;
        } catch (InterruptedException | RuntimeException ended) {
            change(now -> gate.abandoned(probing, begun, now));
            throw ended;
        }
    }

    /** Waits until the gate lets the call through; says whether the caller must probe first. */
    private boolean enter(long troubleSince) throws InterruptedException {
        long since = troubleSince;
        lock.lockInterruptibly();
        try {
            while (true) {
                if (closed) {
                    throw new InterruptedException("closed");
                }
                long now = System.nanoTime();
                switch (gate.enter(now)) {
                    case CallGate.Entry.Go(var probes) -> {
                        return probes;
                    }
                    case CallGate.Entry.Full() -> slotFree.await();
                    case CallGate.Entry.Shut(var until, var category, var why) -> {
                        since = since == 0 ? now : since;
                        long left = since + patience.toNanos() - now;
                        if (left <= 0) {
                            throw new RemoteTrouble(category, "the server must answer within " + patience + ": " + why);
                        }
                        gateChanged.await(Math.max(1, Math.min(left, until - now)), TimeUnit.NANOSECONDS);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells the gate what happened, and wakes who may go now. */
    private void change(LongConsumer happening) {
        lock.lock();
        try {
            happening.accept(System.nanoTime());
            gateChanged.signalAll();
            if (!gate.isOpen()) {
                slotFree.signalAll();
            }
            for (int free = Math.min(MOST_WOKEN, gate.slots() - gate.running()); free > 0; free--) {
                slotFree.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server told its load. */
    void observed(ServerLoad load, ServerLoad before) {
        change(now -> gate.observed(load, before, now));
    }

    /** How many requests may run at once just now. */
    public int slots() {
        lock.lock();
        try {
            return gate.slots();
        } finally {
            lock.unlock();
        }
    }

    /** How many requests run. */
    public int running() {
        lock.lock();
        try {
            return gate.running();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        underWay.forEach(Thread::interrupt);
    }
}
