package cloudchamber.coordinator.http.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.stream.javadsl.Sink;

/**
 * Takes JSON bodies in.
 *
 * @param maxLengthBytes nothing beyond it is kept
 * @param patience how long a body may take
 */
public record Bodies(long maxLengthBytes, Duration patience, ActorSystem<?> system) {
    private static final Set<String> FILES = Set.of(
            "application/x-ndjson",
            "application/jsonl",
            "application/octet-stream",
            "text/csv",
            "text/csv;charset=utf-8");
    private static final Set<String> SUPPORTED = Set.of("application/json", "application/json;charset=utf-8");

    private static final Duration PASSING = Duration.ofSeconds(1);

    /** A body that must be JSON. */
    public CompletionStage<Checked<byte[]>> read(HttpRequest request) {
        return read(request, SUPPORTED, "application/json", "application/json in UTF-8");
    }

    /** A body that must be JSON lines or CSV, packed with gzip if it says so. */
    public CompletionStage<Checked<byte[]>> readFile(HttpRequest request) {
        var packed = encoding(request).filter("gzip"::equalsIgnoreCase).isPresent();
        var plain = packed ? request.removeHeader("Content-Encoding") : request;
        return read(plain, FILES, "application/x-ndjson, text/csv", "application/x-ndjson or text/csv in UTF-8")
                .thenApply(body -> packed && body instanceof Checked.Valid<byte[]>(var bytes) ? unpacked(bytes) : body);
    }

    /** Whatever a file promises, no more of it is unpacked than may come unpacked. */
    private Checked<byte[]> unpacked(byte[] bytes) {
        try (var stream = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            var plain = stream.readNBytes((int) Math.min(maxLengthBytes + 1, Integer.MAX_VALUE - Long.BYTES));
            return plain.length > maxLengthBytes ? new Checked.Invalid<>(tooLarge()) : new Checked.Valid<>(plain);
        } catch (IOException broken) {
            return new Checked.Invalid<>(ApiError.of(
                    ErrorKind.INVALID_HTTP, "the body must be packed with gzip, as it says: " + broken.getMessage()));
        }
    }

    private static Optional<String> encoding(HttpRequest request) {
        return request.getHeader("Content-Encoding").map(HttpHeader::value);
    }

    private CompletionStage<Checked<byte[]>> read(
            HttpRequest request, Set<String> types, String acceptable, String expected) {
        var entity = request.entity();
        var unsupported = unsupported(request, types, acceptable, expected);
        if (unsupported.isPresent()) {
            request.discardEntityBytes(system);
            return CompletableFuture.completedStage(new Checked.Invalid<>(unsupported.get()));
        }
        if (entity.getContentLengthOption().orElse(0) > maxLengthBytes) {
            return passedOver(request).thenApply(done -> new Checked.Invalid<>(tooLarge()));
        }
        return entity.toStrict(patience.toMillis(), maxLengthBytes, system)
                .<Checked<byte[]>>thenApply(
                        strict -> new Checked.Valid<>(strict.getData().toArrayUnsafe()))
                .exceptionally(failure -> new Checked.Invalid<>(failed(failure)));
    }

    /**
     * Lets a body that will not be kept go by, for a while: a connection that is closed while some of it is on its way
     * is reset, and the client loses the answer. One that waits to be asked for its body is not asked.
     */
    private CompletionStage<Done> passedOver(HttpRequest request) {
        var body = request.entity().withoutSizeLimit().getDataBytes();
        if (request.getHeader("Expect").isPresent()) {
            body.runWith(Sink.cancelled(), system);
            return CompletableFuture.completedStage(Done.getInstance());
        }
        return body.takeWithin(PASSING).runWith(Sink.ignore(), system).exceptionally(broken -> Done.getInstance());
    }

    private static Optional<ApiError> unsupported(
            HttpRequest request, Set<String> types, String acceptable, String expected) {
        var type = request.entity().getContentType().value();
        var encoding = encoding(request);
        if (encoding.filter(name -> !name.equalsIgnoreCase("identity")).isPresent()) {
            return Optional.of(ApiError.of(
                    ErrorKind.UNSUPPORTED_MEDIA_TYPE,
                    "the body must come as it is, without a Content-Encoding: came as " + encoding.get()));
        }
        return types.contains(type.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", ""))
                ? Optional.empty()
                : Optional.of(
                        ApiError.of(ErrorKind.UNSUPPORTED_MEDIA_TYPE, "the body must be " + expected + ": was " + type)
                                .withHeader("Accept-Post", acceptable));
    }

    private ApiError failed(Throwable failure) {
        return switch (Failures.cause(failure)) {
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
