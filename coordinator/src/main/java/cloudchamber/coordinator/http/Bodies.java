package cloudchamber.coordinator.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.stream.javadsl.Sink;

/**
 * Takes JSON bodies in.
 *
 * @param maxLengthBytes nothing beyond it is kept
 * @param patience how long a body may take
 */
record Bodies(long maxLengthBytes, Duration patience, ActorSystem<?> system) {
    private static final Set<String> SUPPORTED = Set.of("application/json", "application/json;charset=utf-8");

    CompletionStage<Checked<byte[]>> read(HttpRequest request) {
        var entity = request.entity();
        var unsupported = unsupported(request);
        if (unsupported.isPresent()) {
            request.discardEntityBytes(system);
            return CompletableFuture.completedStage(new Checked.Invalid<>(unsupported.get()));
        }
        if (entity.getContentLengthOption().orElse(0) > maxLengthBytes) {
            entity.getDataBytes().runWith(Sink.cancelled(), system);
            return CompletableFuture.completedStage(new Checked.Invalid<>(tooLarge()));
        }
        return entity.toStrict(patience.toMillis(), maxLengthBytes, system)
                .<Checked<byte[]>>thenApply(
                        strict -> new Checked.Valid<>(strict.getData().toArrayUnsafe()))
                .exceptionally(failure -> new Checked.Invalid<>(failed(failure)));
    }

    private static Optional<ApiError> unsupported(HttpRequest request) {
        var type = request.entity().getContentType().value();
        return SUPPORTED.contains(type.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", ""))
                ? Optional.empty()
                : Optional.of(ApiError.of(
                                ErrorKind.UNSUPPORTED_MEDIA_TYPE,
                                "the body must be application/json in UTF-8: was " + type)
                        .withHeader("Accept-Post", "application/json"));
    }

    private ApiError failed(Throwable failure) {
        return switch (Router.cause(failure)) {
            case EntityStreamSizeException large -> tooLarge();
            case TimeoutException slow ->
                ApiError.of(
                        ErrorKind.BODY_TOO_SLOW,
                        "the body must come within " + patience.toMillis() + " ms: some of it did not");
            default -> ApiError.of(ErrorKind.INVALID_HTTP, "the body must come whole: it broke off");
        };
    }

    private ApiError tooLarge() {
        return ApiError.of(
                        ErrorKind.BODY_TOO_LARGE, "the body must have at most " + maxLengthBytes + " bytes: has more")
                .with("limit", maxLengthBytes);
    }
}
