package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.wire.Role;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a piece of work is tried again, and when.
 *
 * <p>Trouble of the infrastructure is retried until the patience of the work is over: until its model's workers have
 * had no success for that long, or its own failed tries took that long. Replies that cannot be used are the fault of
 * the work itself and count as tries, of the piece and of all pieces of one problem for one model; of several that
 * were under way together one counts.
 */
final class Retries {
    /** The pieces of one problem that are for one model. */
    private record Share(Role role, String job, String problem) {
        static Share of(Work work) {
            return new Share(work.role(), work.key().job(), work.key().problem());
        }
    }

    private record Tries(int count, long lastMillis) {}

    private final DispatchSettings settings;
    private final Patience patience;
    private final Map<Share, Tries> unusable = new HashMap<>();

    Retries(DispatchSettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
    }

    // ---- what happens

    void succeeded(Piece piece) {
        unusable.remove(Share.of(piece.work));
    }

    void forget(String job, String problem) {
        for (var role : Role.values()) {
            unusable.remove(new Share(role, job, problem));
        }
    }

    /**
     * A try of a piece of work ended with a refusal.
     *
     * @param leasedMillis how long the try took
     * @param wait before the next try
     * @return why there is none; empty for another try
     */
    Optional<Refusal> failed(Piece piece, Refusal refusal, long leasedMillis, Duration wait, long nowMillis) {
        if (!refusal.category().retryable()) {
            return Optional.of(refusal);
        }
        if (refusal.category() == Category.BACKEND_INVALID && isLastUnusable(piece, leasedMillis, nowMillis)) {
            return Optional.of(refusal);
        }
        if (refusal.category() == Category.PREFIX_UNKNOWN) {
            return Optional.empty();
        }
        boolean over = piece.troubledMillis >= piece.patienceMillis
                || patience.troubledMillis(piece, nowMillis) >= piece.patienceMillis;
        piece.troubledMillis += leasedMillis + wait.toMillis();
        return over ? Optional.of(impatient(piece, refusal.detail())) : Optional.empty();
    }

    private boolean isLastUnusable(Piece piece, long leasedMillis, long nowMillis) {
        var share = Share.of(piece.work);
        var tries = unusable.getOrDefault(share, new Tries(0, Long.MIN_VALUE));
        if (nowMillis - leasedMillis >= tries.lastMillis()) {
            tries = new Tries(tries.count() + 1, nowMillis);
            unusable.put(share, tries);
        }
        return ++piece.unusableReplies >= settings.maxAttempts() || tries.count() >= settings.maxAttempts();
    }

    /** Why a piece of work that waits gets no more tries; empty if it does. */
    Optional<Refusal> overdue(Piece piece, long nowMillis) {
        return patience.troubledMillis(piece, nowMillis) >= piece.patienceMillis
                ? Optional.of(impatient(piece, patience.reason(piece)))
                : Optional.empty();
    }

    private static Refusal impatient(Piece piece, String detail) {
        return new Refusal(
                Category.TIMED_OUT,
                piece.work.role().id() + " [" + piece.work.model() + "] must work within "
                        + Duration.ofMillis(piece.patienceMillis) + ": had nothing but trouble, at last: " + detail);
    }

    /** Doubles with every attempt; a half of it is jitter, keyed by the work so that it can be repeated. */
    Duration backoff(Piece piece) {
        long whole = Math.min(
                settings.maxBackoff().toMillis(), settings.backoff().toMillis() << Math.min(20, piece.attempts - 1));
        double jitter = CounterRandom.uniform(piece.work.key().toString().hashCode(), piece.attempts);
        return Duration.ofMillis(Math.max(1, (long) (whole * (0.5 + 0.5 * jitter))));
    }
}
