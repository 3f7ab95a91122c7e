package cloudchamber.coordinator.http.transport;

import java.util.Locale;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** Which page a browser sends a request from. Programs that are no browsers send neither header. */
final class BrowserOrigin {
    private static final String SAME_ORIGIN = "same-origin";
    /** The user has typed the address, or chose a bookmark. */
    private static final String NO_PAGE = "none";

    private BrowserOrigin() {}

    /**
     * What shows that a page of another site sends the request; empty if none does.
     *
     * <p>{@code Sec-Fetch-Site} is the browser's own word and holds behind a proxy that changes the host; an older browser
     * sends {@code Origin} alone.
     */
    static Optional<String> foreign(HttpRequest request) {
        var site = header(request, "Sec-Fetch-Site").map(text -> text.toLowerCase(Locale.ROOT));
        if (site.isPresent()) {
            return site.filter(text -> !text.equals(SAME_ORIGIN) && !text.equals(NO_PAGE))
                    .map(text -> "Sec-Fetch-Site was " + text);
        }
        var host = header(request, "Host").orElse("");
        return header(request, "Origin")
                .filter(origin -> !authority(origin).equalsIgnoreCase(host))
                .map(origin -> "Origin was another than the server's own");
    }

    private static String authority(String origin) {
        int scheme = origin.indexOf("://");
        return scheme < 0 ? "" : origin.substring(scheme + "://".length());
    }

    private static Optional<String> header(HttpRequest request, String name) {
        return request.getHeader(name).map(HttpHeader::value);
    }
}
