package cloudchamber.worker.remote;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import java.time.Duration;
import java.util.Optional;

/** Expected trouble with a server, on its way to the one who decides whether to try again. */
public final class RemoteTrouble extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;
    private final transient Optional<Duration> retryAfter;

    public RemoteTrouble(Category category, String detail) {
        this(new Refusal(category, detail), Optional.empty());
    }

    /**
     * @param retryAfter how long the server asks to be left alone
     */
    public RemoteTrouble(Refusal refusal, Optional<Duration> retryAfter) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
        this.retryAfter = retryAfter;
    }

    public Refusal refusal() {
        return refusal;
    }

    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** A reply that cannot be. */
    public static RemoteTrouble invalid(String detail) {
        return new RemoteTrouble(Category.BACKEND_INVALID, detail);
    }
}
