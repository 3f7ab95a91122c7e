package cloudchamber.coordinator.http.transport;

/**
 * An error as OpenAI's clients read it.
 *
 * @param error all four fields stand in every error
 */
public record OpenAiError(Body error) {
    /** What stands before the routes whose errors have this form. */
    public static final String PATH = "/v1/";

    /**
     * @param param the field at fault; null if it is none
     */
    record Body(String message, String type, String param, String code) {}

    public static OpenAiError of(ApiError error) {
        return new OpenAiError(new Body(
                error.detail(),
                type(error.kind()),
                param(error),
                error.kind().id().replace('-', '_')));
    }

    private static String type(ErrorKind kind) {
        return switch (kind.status()) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> kind.status() >= 500 ? "server_error" : "invalid_request_error";
        };
    }

    private static String param(ApiError error) {
        return error.faults().stream()
                .map(ApiError.Fault::pointer)
                .filter(pointer -> !pointer.isEmpty())
                .findFirst()
                .map(pointer -> pointer.substring(1).replace('/', '.'))
                .orElse(null);
    }
}
