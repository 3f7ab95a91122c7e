package cloudchamber.coordinator.http.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import cloudchamber.coordinator.dashboard.Dashboard;
import java.util.LinkedHashMap;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Replies as responses. */
final class ResponseRenderer {
    private static final ContentType.NonBinary PROBLEM =
            ContentTypes.create(MediaTypes.applicationWithFixedCharset("problem+json", HttpCharsets.UTF_8));
    private static final ContentType EVENTS = MediaTypes.TEXT_EVENT_STREAM.toContentType();
    private static final ContentType JSON_LINES = ContentTypes.parse("application/x-ndjson");
    private static final String TYPE_PREFIX = "urn:cloudchamber:error:";
    private static final String REQUEST_ID = "X-Request-Id";

    private ResponseRenderer() {}

    /** @param path of the request */
    static HttpResponse of(ApiResponse reply, String path, String requestId) {
        var response = switch (reply) {
            case ApiResponse.Ok(var document) -> json(200, document);
            case ApiResponse.Created(var document, var location) ->
                json(201, document).addHeader(RawHeader.create("Location", location));
            case ApiResponse.Session(var document, var cookies) -> {
                var answer = json(200, document);
                for (var cookie : cookies) {
                    answer = answer.addHeader(RawHeader.create("Set-Cookie", cookie));
                }
                yield answer;
            }
            case ApiResponse.Accepted(var document, var location, var replayed) -> {
                var accepted = json(202, document).addHeader(RawHeader.create("Location", location));
                yield replayed ? accepted.addHeader(RawHeader.create("Idempotency-Replayed", "true")) : accepted;
            }
            case ApiResponse.Events(var events) ->
                HttpResponse.create()
                        .withEntity(HttpEntities.createChunked(EVENTS, events))
                        .addHeader(RawHeader.create("X-Accel-Buffering", "no"));
            case ApiResponse.Lines(var lines) ->
                HttpResponse.create().withEntity(HttpEntities.createChunked(JSON_LINES, lines));
            case ApiResponse.Text(var type, var text) ->
                HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.parse(type), text.getBytes(UTF_8)));
            case ApiResponse.Refused(var error) ->
                path.startsWith(OpenAiError.PATH) ? openAi(error) : of(error, path, requestId);
            case ApiResponse.File(var file, var unchanged) -> of(file, unchanged);
        };
        return response.addHeader(RawHeader.create(REQUEST_ID, requestId))
                .addHeader(
                        RawHeader.create("Cache-Control", reply instanceof ApiResponse.File ? "no-cache" : "no-store"))
                .addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"));
    }

    private static HttpResponse json(int status, Object document) {
        return HttpResponse.create()
                .withStatus(status)
                .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, Json.write(document)));
    }

    private static HttpResponse of(Dashboard.File file, boolean unchanged) {
        var response = HttpResponse.create()
                .addHeader(RawHeader.create("ETag", file.etag()))
                .addHeader(RawHeader.create("Content-Security-Policy", Dashboard.CONTENT_SECURITY_POLICY))
                .addHeader(RawHeader.create("Referrer-Policy", "no-referrer"));
        return unchanged
                ? response.withStatus(StatusCodes.NOT_MODIFIED)
                : response.withEntity(ContentTypes.parse(file.contentType()), file.bytes());
    }

    /** The problem details of RFC 9457. */
    private static HttpResponse of(ApiError error, String path, String requestId) {
        var document = new LinkedHashMap<String, Object>();
        document.put("type", TYPE_PREFIX + error.kind().id());
        document.put("title", error.kind().title());
        document.put("status", error.status());
        document.put("code", error.kind().id());
        document.put("detail", error.detail());
        document.put("instance", path);
        document.put("requestId", requestId);
        document.put("retryable", error.kind().retryable());
        if (!error.faults().isEmpty()) {
            document.put(
                    "errors",
                    error.faults().stream()
                            .map(fault -> new FaultDocument(
                                    fault.pointer(), fault.kind().id(), fault.detail()))
                            .toList());
        }
        document.putAll(error.members());
        return withHeaders(
                HttpResponse.create()
                        .withStatus(error.status())
                        .withEntity(HttpEntities.create(PROBLEM, Json.write(document))),
                error);
    }

    private static HttpResponse openAi(ApiError error) {
        return withHeaders(json(error.status(), OpenAiError.of(error)), error);
    }

    private static HttpResponse withHeaders(HttpResponse answer, ApiError error) {
        var response = answer;
        for (var header : error.headers().entrySet()) {
            response = response.addHeader(RawHeader.create(header.getKey(), header.getValue()));
        }
        return error.kind().closesConnection() ? response.addHeader(Connection.create("close")) : response;
    }

    /** The problem details of a request that could not be read: it has no path and no id. */
    static HttpResponse unreadable(int status, String detail) {
        var document = new LinkedHashMap<String, Object>();
        document.put("type", TYPE_PREFIX + ErrorKind.INVALID_HTTP.id());
        document.put("title", ErrorKind.INVALID_HTTP.title());
        document.put("status", status);
        document.put("code", ErrorKind.INVALID_HTTP.id());
        document.put("detail", detail);
        document.put("retryable", false);
        return HttpResponse.create().withStatus(status).withEntity(HttpEntities.create(PROBLEM, Json.write(document)));
    }

    private record FaultDocument(String pointer, String code, String detail) {}
}
