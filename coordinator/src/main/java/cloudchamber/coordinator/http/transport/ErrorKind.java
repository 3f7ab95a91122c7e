package cloudchamber.coordinator.http.transport;

import java.util.Locale;

/** Everything an answer can complain of: a frozen id, the status it goes with, and what it is called. */
public enum ErrorKind {
    INVALID_REQUEST(400, "The request has faults of several kinds"),
    MALFORMED_JSON(400, "The body is not JSON"),
    INVALID_UTF8(400, "The body is not UTF-8"),
    JSON_TOO_COMPLEX(400, "The JSON is too complex"),
    DUPLICATE_KEY(400, "A field stands twice"),
    UNKNOWN_FIELD(400, "A field is unknown"),
    MISSING_FIELD(400, "A field is missing"),
    WRONG_TYPE(400, "A value has the wrong type"),
    OUT_OF_RANGE(400, "A value is out of range"),
    UNKNOWN_VALUE(400, "A value is none of those allowed"),
    UNSUPPORTED_SETTINGS(400, "The method cannot run with these settings"),
    EMPTY_PROMPT(400, "A question is empty"),
    PROMPT_TOO_LONG(400, "A question is too long"),
    INVALID_UNICODE(400, "A text is not Unicode text"),
    CONTROL_CHARACTER(400, "A name has a control character"),
    CONFLICTING_FIELDS(400, "Two fields contradict each other"),
    DEGENERATE_CONFIG(400, "All particles would be identical"),
    UNKNOWN_MODEL(400, "A model is unknown"),
    BACKEND_NOT_ALLOWED(400, "A model is named, never addressed"),
    DUPLICATE_ID(400, "An id stands twice"),
    INVALID_ID(400, "An id cannot be one"),
    BROKEN_LINE(400, "A line of a file is broken"),
    INVALID_HTTP(400, "The request is not HTTP as it should be"),
    KEY_IN_URL(400, "A key stands in the URL"),
    MISSING_KEY(401, "A key is needed"),
    INVALID_KEY(401, "The key is none of this server's"),
    EXPIRED_KEY(401, "The key has expired"),
    REVOKED_KEY(401, "The key was revoked"),
    FORBIDDEN(403, "The key's role does not allow it"),
    CSRF_TOKEN(403, "The request is not from the dashboard's own page"),
    FOREIGN_ORIGIN(403, "The request is from a page of another site"),
    UNKNOWN_PATH(404, "Nothing is here"),
    UNKNOWN_JOB(404, "The job is unknown"),
    UNKNOWN_PROBLEM(404, "The problem is unknown"),
    UNKNOWN_SWEEP(404, "The sweep is unknown"),
    UNKNOWN_CELL(404, "The cell is unknown"),
    UNKNOWN_DATA_SET(404, "The data set is unknown"),
    UNKNOWN_WORKER(404, "The worker is unknown"),
    UNKNOWN_KEY(404, "The key is unknown"),
    MODEL_NOT_FOUND(404, "The model is unknown"),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
    BODY_TOO_SLOW(408, "The body did not come in time"),
    ALREADY_TERMINAL(409, "The job is over"),
    NOT_FINISHED(409, "The job is not over"),
    BODY_TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body's type is not supported"),
    MISDIRECTED(421, "The request was meant for another host"),
    IDEMPOTENCY_MISMATCH(422, "The key was used with another body"),
    QUEUE_FULL(429, "The queue is full"),
    QUOTA(429, "The tenant asks for more than it may"),
    INTERNAL(500, "A bug"),
    SEARCH_FAILED(502, "The search failed"),
    NO_WORKERS(503, "Nobody serves the models"),
    TIMED_OUT(503, "No answer came in time"),
    OVERLOADED(503, "The node has too much to do"),
    STORAGE_UNAVAILABLE(503, "The database does not answer"),
    STORAGE_FULL(503, "The database has no room to write"),
    STORAGE_READ_ONLY(503, "The database takes no writes"),
    DRAINING(503, "The node is about to stop"),
    NOT_READY(503, "The node is not ready");

    private final int status;
    private final String title;

    ErrorKind(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The name in JSON. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** Whether the same request may succeed on another try. */
    boolean retryable() {
        return switch (this) {
            case TIMED_OUT,
                    OVERLOADED,
                    STORAGE_UNAVAILABLE,
                    STORAGE_FULL,
                    STORAGE_READ_ONLY,
                    DRAINING,
                    NOT_READY,
                    NO_WORKERS,
                    BODY_TOO_SLOW,
                    QUEUE_FULL,
                    QUOTA -> true;
            case INVALID_REQUEST,
                    MALFORMED_JSON,
                    INVALID_UTF8,
                    JSON_TOO_COMPLEX,
                    DUPLICATE_KEY,
                    UNKNOWN_FIELD,
                    MISSING_FIELD,
                    WRONG_TYPE,
                    OUT_OF_RANGE,
                    UNKNOWN_VALUE,
                    UNSUPPORTED_SETTINGS,
                    EMPTY_PROMPT,
                    PROMPT_TOO_LONG,
                    INVALID_UNICODE,
                    CONTROL_CHARACTER,
                    CONFLICTING_FIELDS,
                    DEGENERATE_CONFIG,
                    UNKNOWN_MODEL,
                    BACKEND_NOT_ALLOWED,
                    DUPLICATE_ID,
                    INVALID_ID,
                    BROKEN_LINE,
                    INVALID_HTTP,
                    KEY_IN_URL,
                    MISSING_KEY,
                    INVALID_KEY,
                    EXPIRED_KEY,
                    REVOKED_KEY,
                    FORBIDDEN,
                    CSRF_TOKEN,
                    FOREIGN_ORIGIN,
                    UNKNOWN_PATH,
                    UNKNOWN_JOB,
                    UNKNOWN_PROBLEM,
                    UNKNOWN_SWEEP,
                    UNKNOWN_CELL,
                    UNKNOWN_DATA_SET,
                    UNKNOWN_WORKER,
                    UNKNOWN_KEY,
                    MODEL_NOT_FOUND,
                    SEARCH_FAILED,
                    METHOD_NOT_ALLOWED,
                    ALREADY_TERMINAL,
                    NOT_FINISHED,
                    IDEMPOTENCY_MISMATCH,
                    BODY_TOO_LARGE,
                    UNSUPPORTED_MEDIA_TYPE,
                    MISDIRECTED,
                    INTERNAL -> false;
        };
    }

    /** Whether some of the request may still be on its way, so that no other can follow on the connection. */
    boolean closesConnection() {
        return this == BODY_TOO_LARGE || this == BODY_TOO_SLOW || this == INVALID_HTTP;
    }
}
