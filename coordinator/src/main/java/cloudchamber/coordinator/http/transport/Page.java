package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.http.transport.Router.Request;
import java.util.List;
import java.util.function.Function;

/**
 * Which part of a list is asked for.
 *
 * @param limit at most so many entries
 */
public record Page(int limit) {
    static final int STANDARD = 100;
    static final int MAX = 1000;

    /** What {@code limit} in the URL says. */
    public static Checked<Page> of(Request request) {
        return request.query("limit")
                .<Checked<Page>>map(Page::read)
                .orElseGet(() -> new Checked.Valid<>(new Page(STANDARD)));
    }

    private static Checked<Page> read(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX) {
                return new Checked.Valid<>(new Page(limit));
            }
        } catch (NumberFormatException none) {
            return outOfRange(text);
        }
        return outOfRange(text);
    }

    private static Checked<Page> outOfRange(String text) {
        return new Checked.Invalid<>(ApiError.of(
                ErrorKind.OUT_OF_RANGE,
                "limit must be a whole number from 1 to " + MAX + ": was \""
                        + text.substring(0, Math.min(text.length(), 40)) + "\""));
    }

    /** One more than the page has, to see whether more follow. */
    public int andOne() {
        return limit + 1;
    }

    /**
     * A part of a list.
     *
     * @param hasMore whether entries follow
     * @param lastId of its last entry, to ask for those after it; null if it is empty
     */
    public record Cut<T>(List<T> entries, boolean hasMore, String lastId) {}

    public <T> Cut<T> cut(List<T> found, Function<T, String> id) {
        var entries = found.subList(0, Math.min(found.size(), limit));
        return new Cut<>(entries, found.size() > limit, entries.isEmpty() ? null : id.apply(entries.getLast()));
    }
}
