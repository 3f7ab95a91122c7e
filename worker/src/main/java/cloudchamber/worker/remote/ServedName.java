package cloudchamber.worker.remote;

import cloudchamber.protocol.model.Refusal.Category;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The name that a server gives its model in its replies. The first one is remembered; a later reply with another name
 * comes from another model, whose numbers must not be mixed with the first's. Safe for threads.
 */
public final class ServedName {
    private final boolean strict;
    private final AtomicReference<String> first = new AtomicReference<>();

    /** @param strict whether the first name must be the one that was asked for */
    ServedName(boolean strict) {
        this.strict = strict;
    }

    /** The name of the first reply; empty before. */
    public Optional<String> get() {
        return Optional.ofNullable(first.get());
    }

    /**
     * Takes the name in a reply.
     *
     * @param asked the name that the request had; empty for none
     * @param said the name that the reply has; empty for none
     * @return whether it is the first
     * @throws RemoteTrouble if it is another model's
     */
    boolean check(String asked, String said) {
        if (said.isEmpty()) {
            return false;
        }
        if (strict && first.get() == null && !asked.isEmpty() && !asked.equals(said)) {
            throw new RemoteTrouble(
                    Category.MODEL_UNKNOWN,
                    "with strict-model the server must name the model [" + asked + "] in its replies: named [" + said
                            + "]");
        }
        boolean isFirst = first.compareAndSet(null, said);
        if (!first.get().equals(said)) {
            throw new RemoteTrouble(
                    Category.MODEL_UNKNOWN,
                    "the server must go on with the model [" + first.get() + "] of its first reply: named [" + said
                            + "]");
        }
        return isFirst;
    }
}
