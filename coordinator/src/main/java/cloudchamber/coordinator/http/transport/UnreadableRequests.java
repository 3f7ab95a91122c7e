package cloudchamber.coordinator.http.transport;

import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/** Answers what could not be read as an HTTP request; named in {@code reference.conf}, made by Pekko. */
public final class UnreadableRequests extends ParsingErrorHandler {

    @Override
    public HttpResponse handle(StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
        log.debug("refused a request with [{}]: {}", status.intValue(), error.summary());
        return ResponseRenderer.unreadable(status.intValue(), error.summary());
    }
}
