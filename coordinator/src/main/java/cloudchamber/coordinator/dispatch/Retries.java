package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Refusal;
import java.time.Duration;

/** Whether a piece of work is tried again, and when. */
final class Retries {
    private final DispatchSettings settings;

    Retries(DispatchSettings settings) {
        this.settings = settings;
    }

    /** Whether another try may help. */
    boolean mayTryAgain(Piece piece, Refusal refusal) {
        return refusal.category().retryable() && piece.attempts - piece.prefixMisses < settings.maxAttempts();
    }

    /** Doubles with every attempt; a half of it is jitter, keyed by the work so that it can be repeated. */
    Duration backoff(Piece piece) {
        long whole = Math.min(
                settings.maxBackoff().toMillis(), settings.backoff().toMillis() << Math.min(20, piece.attempts - 1));
        double jitter = CounterRandom.uniform(piece.work.key().toString().hashCode(), piece.attempts);
        return Duration.ofMillis(Math.max(1, (long) (whole * (0.5 + 0.5 * jitter))));
    }
}
