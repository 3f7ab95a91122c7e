package cloudchamber.protocol.model;

/**
 * Why a request was not served: expected trouble, as a value.
 *
 * @param detail one sentence for the operator: what was expected, what was seen
 */
public record Refusal(Category category, String detail) {

    /** The kinds of trouble, and whether the same request may succeed on another try. */
    public enum Category {
        /** The worker does not hold the parent and was not given the full prefix: send it again, whole. */
        PREFIX_UNKNOWN(true),
        /** The worker has no slot free. */
        OVERLOADED(true),
        /** The backend could not be reached, or broke. */
        BACKEND_UNAVAILABLE(true),
        /** The backend answered something that cannot be: wrong count, NaN, out of range. */
        BACKEND_INVALID(true),
        /** The worker is draining or stopping. */
        STOPPING(true),
        /** The worker does not serve this model. */
        MODEL_UNKNOWN(true),
        /** No answer came in time. */
        TIMED_OUT(true),
        /** The prefix is longer than the model's context. */
        CONTEXT_OVERFLOW(false),
        /** The request cannot be served by any worker of this model. */
        INVALID_REQUEST(false);

        private final boolean retryable;

        Category(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether another try of the same request can succeed. */
        public boolean retryable() {
            return retryable;
        }
    }

    public Refusal {
        Checks.present(category, "category");
        Checks.present(detail, "detail");
    }
}
