package cloudchamber.coordinator.access;

import cloudchamber.coordinator.journal.KeyStore;
import cloudchamber.coordinator.journal.KeyStore.KeyRow;
import cloudchamber.coordinator.journal.KeyStore.SessionRow;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Knows whose keys are whose. What is kept is read again when it is asked for and older than two seconds, so that a
 * key that is revoked on any node is refused on all of them soon after; a key this node does not know has it look at
 * once, at most five times a second.
 *
 * <p>[1] Whether there is no key at all is never answered from an earlier reading where another process may have made
 * one since: whoever asks without a key waits for a reading that began after the question, and is refused if it fails.
 */
public final class Keyring {

    /** How a key stands. */
    public enum Standing {
        VALID,
        EXPIRED,
        REVOKED
    }

    /** What is known of a credential. */
    public sealed interface Finding {
        record Known(Caller caller) implements Finding {}

        record Unknown() implements Finding {}

        /** It was good once. */
        record Over(Standing standing) implements Finding {}
    }

    /** What was read at one time, found by hash and by id. */
    private record Contents(Map<String, KeyRow> byHash, Map<String, KeyRow> byId, Map<String, SessionRow> sessions) {
        static Contents of(KeyStore.Contents kept) {
            var byHash = new HashMap<String, KeyRow>();
            var byId = new HashMap<String, KeyRow>();
            kept.keys().forEach(key -> {
                byHash.put(key.hash(), key);
                byId.put(key.id(), key);
            });
            var sessions = new HashMap<String, SessionRow>();
            kept.sessions().forEach(session -> sessions.put(session.hash(), session));
            return new Contents(byHash, byId, sessions);
        }
    }

    private static final long NEVER = -1;
    private static final long KEPT_MILLIS = 2000;
    private static final long KEPT_BEFORE_A_STRANGER_MILLIS = 200;

    private final KeyStore store;
    private final boolean shared;
    private final Optional<ApiKey> own;
    private final LongSupplier clockMillis;
    private CompletableFuture<Contents> contents;
    private long askedAtMillis;
    private CompletableFuture<Contents> running;
    private CompletableFuture<Contents> next;
    private volatile boolean hasKeys;
    /** The count of additions at a reading that found no key. */
    private volatile long emptyAt = NEVER;

    /**
     * @param shared whether another process may change the keys
     * @param own the key of the process itself, which nobody else has; empty if it has none
     * @param clockMillis milliseconds since 1970
     */
    public Keyring(KeyStore store, boolean shared, Optional<ApiKey> own, LongSupplier clockMillis) {
        this.store = store;
        this.shared = shared;
        this.own = own;
        this.clockMillis = clockMillis;
    }

    /** Whether no key was ever made. A database that only this process has is asked once. */
    public CompletionStage<Boolean> isEmpty() {
        if (hasKeys) {
            return CompletableFuture.completedStage(false);
        }
        if (!shared && emptyAt == store.additions()) {
            return CompletableFuture.completedStage(true);
        }
        // [1]
        return readFromNowOn().thenApply(known -> known.byId().isEmpty());
    }

    public CompletionStage<Finding> find(ApiKey key) {
        var hash = key.hash();
        if (own.isPresent() && ApiKey.same(own.get().hash(), hash)) {
            return CompletableFuture.completedStage(new Finding.Known(Caller.ANYBODY));
        }
        return findAgain(known -> {
            var row = known.byHash().get(hash);
            return row == null || !ApiKey.same(row.hash(), hash) ? new Finding.Unknown() : finding(row);
        });
    }

    public CompletionStage<Finding> findSession(String token) {
        var hash = ApiKey.hash(token);
        return findAgain(known -> {
            var session = known.sessions().get(hash);
            if (session == null
                    || !ApiKey.same(session.hash(), hash)
                    || session.expiresAtMillis() <= clockMillis.getAsLong()) {
                return new Finding.Unknown();
            }
            var row = known.byId().get(session.key());
            return row == null ? new Finding.Unknown() : finding(row);
        });
    }

    /** Whether a caller who was let in may stay. */
    public CompletionStage<Boolean> holds(Caller caller) {
        return caller.known()
                ? contents(KEPT_MILLIS).thenApply(known -> {
                    var row = known.byId().get(caller.keyId());
                    return row != null && standing(row, clockMillis.getAsLong()) == Standing.VALID;
                })
                : CompletableFuture.completedStage(true);
    }

    /** What was read no longer counts: this node itself has changed what is kept. */
    public synchronized void forget() {
        contents = null;
    }

    public static Standing standing(KeyRow key, long nowMillis) {
        if (key.revokedAtMillis() != null) {
            return Standing.REVOKED;
        }
        return key.expiresAtMillis() != null && key.expiresAtMillis() <= nowMillis ? Standing.EXPIRED : Standing.VALID;
    }

    private Finding finding(KeyRow row) {
        var standing = standing(row, clockMillis.getAsLong());
        return standing == Standing.VALID
                ? new Finding.Known(
                        new Caller(row.id(), KeyRole.byId(row.role()).orElse(KeyRole.READ), new Tenant(row.tenant())))
                : new Finding.Over(standing);
    }

    private interface Search {
        Finding in(Contents contents);
    }

    private CompletionStage<Finding> findAgain(Search search) {
        return contents(KEPT_MILLIS).thenCompose(known -> {
            var found = search.in(known);
            return found instanceof Finding.Unknown
                    ? contents(KEPT_BEFORE_A_STRANGER_MILLIS).thenApply(search::in)
                    : CompletableFuture.completedStage(found);
        });
    }

    /** What is kept, read not longer ago than that. */
    private synchronized CompletableFuture<Contents> contents(long maxAgeMillis) {
        long now = clockMillis.getAsLong();
        boolean fits = contents != null
                && !contents.isCompletedExceptionally()
                && (!contents.isDone() || Math.abs(now - askedAtMillis) <= maxAgeMillis);
        if (!fits) {
            askedAtMillis = now;
            contents = read(now);
        }
        return contents;
    }

    /** A reading that has not begun yet; all who ask while one is under way share the next. */
    private synchronized CompletableFuture<Contents> readFromNowOn() {
        if (running == null || running.isDone()) {
            running = read(clockMillis.getAsLong());
            return running;
        }
        if (next == null) {
            next = running.handle((known, failure) -> null).thenCompose(ended -> beginNext());
        }
        return next;
    }

    private synchronized CompletableFuture<Contents> beginNext() {
        next = null;
        running = read(clockMillis.getAsLong());
        return running;
    }

    private CompletableFuture<Contents> read(long nowMillis) {
        long additions = store.additions();
        return store.contents(nowMillis)
                .thenApply(kept -> {
                    // A key that was revoked is still one.
                    hasKeys |= !kept.keys().isEmpty();
                    emptyAt = kept.keys().isEmpty() ? additions : NEVER;
                    return Contents.of(kept);
                })
                .toCompletableFuture();
    }
}
