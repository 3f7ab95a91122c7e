package cloudchamber.coordinator.access;

import cloudchamber.coordinator.access.TenantUse.Decision;
import cloudchamber.coordinator.journal.KeyStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * What tenants use, on one node. Requests are counted as they come; tokens are what the problems took that ended, on
 * whatever node, read from the database when it is asked for and older than two seconds.
 */
public final class Quotas {

    /** Whether a request is answered. */
    public sealed interface Outcome {
        /** @param slot to be given back when it was */
        record Admitted(Slot slot) implements Outcome {}

        record Refused(Decision.Refused decision) implements Outcome {}
    }

    /** A place among the requests that are being answered; given back once, however often that is said. */
    public static final class Slot {
        private final Runnable giveBack;
        private final AtomicBoolean held = new AtomicBoolean(true);

        public Slot(Runnable giveBack) {
            this.giveBack = giveBack;
        }

        public void release() {
            if (held.getAndSet(false)) {
                giveBack.run();
            }
        }
    }

    private static final long READ_EVERY_MILLIS = 2000;
    /** Problems that ended in the last moments may not be stored yet. */
    private static final long SETTLED_MILLIS = 2000;

    private static final long BUCKET_MILLIS = 60_000;

    private final TenantLimits limits;
    private final KeyStore store;
    private final LongSupplier clockMillis;
    private final Map<Tenant, TenantUse> uses = new ConcurrentHashMap<>();
    private CompletableFuture<Void> counting = CompletableFuture.completedFuture(null);
    private long countedUntilMillis;

    /**
     * @param clockMillis milliseconds since 1970
     */
    public Quotas(TenantLimits limits, KeyStore store, LongSupplier clockMillis) {
        this.limits = limits;
        this.store = store;
        this.clockMillis = clockMillis;
    }

    /** @param spends whether the request has tokens read or generated */
    public CompletionStage<Outcome> admit(Caller caller, boolean spends) {
        if (!caller.known()) {
            return CompletableFuture.completedStage(new Outcome.Admitted(new Slot(() -> {})));
        }
        var tenant = caller.tenant();
        return spends && limits.of(tenant).tokensPerMinute() > 0
                ? counted().thenApply(done -> decide(tenant, true))
                : CompletableFuture.completedStage(decide(tenant, false));
    }

    /** How many requests of a tenant are being answered. */
    int inFlight(Tenant tenant) {
        var use = uses.get(tenant);
        return use == null ? 0 : use.inFlight();
    }

    private Outcome decide(Tenant tenant, boolean spends) {
        var limit = limits.of(tenant);
        long now = clockMillis.getAsLong();
        var decided = new TenantUse.Decided[1];
        uses.compute(tenant, (name, before) -> {
            decided[0] = (before == null ? TenantUse.none(limit, now) : before).admit(limit, spends, now);
            return decided[0].after();
        });
        return switch (decided[0].decision()) {
            case Decision.Admitted admitted ->
                new Outcome.Admitted(
                        new Slot(() -> uses.computeIfPresent(tenant, (name, before) -> before.released())));
            case Decision.Refused refused -> new Outcome.Refused(refused);
        };
    }

    /** Takes from the buckets what was spent since it was last looked. */
    private synchronized CompletableFuture<Void> counted() {
        long until = clockMillis.getAsLong() - SETTLED_MILLIS;
        if (!counting.isDone() || until - countedUntilMillis < READ_EVERY_MILLIS) {
            return counting;
        }
        // What was spent more than a minute ago has come back.
        long after = Math.max(countedUntilMillis, until - BUCKET_MILLIS);
        counting = store.tokens(after, until).thenAccept(this::spend).toCompletableFuture();
        countedUntilMillis = until;
        return counting;
    }

    private void spend(Map<String, Long> tokens) {
        long now = clockMillis.getAsLong();
        tokens.forEach((name, amount) -> {
            var tenant = new Tenant(name);
            var limit = limits.of(tenant);
            uses.compute(
                    tenant,
                    (known, before) ->
                            (before == null ? TenantUse.none(limit, now) : before).spent(limit, amount, now));
        });
    }
}
