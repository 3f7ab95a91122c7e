package cloudchamber.coordinator.http.transport;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Why a request was not served.
 *
 * @param detail expected, then seen, then where; for the person who sent the request
 * @param faults everything that is wrong with the body, in its order; empty if something else is
 * @param members further members of the answer's object
 * @param headers further headers of the answer
 */
public record ApiError(
        ErrorKind kind, String detail, List<Fault> faults, Map<String, Object> members, Map<String, String> headers) {

    /**
     * One thing that is wrong with a body.
     *
     * @param pointer to the value or the place where one is missing, as RFC 6901 has it
     */
    public record Fault(String pointer, ErrorKind kind, String detail) {}

    private static final int MAX_FAULTS = 100;
    private static final String RETRY_SECONDS = "1";

    public static ApiError of(ErrorKind kind, String detail) {
        return new ApiError(
                kind,
                detail,
                List.of(),
                Map.of(),
                kind.status() == 503 || kind.status() == 429 ? Map.of("Retry-After", RETRY_SECONDS) : Map.of());
    }

    /** @param faults at least one; of more than a hundred the first hundred are told */
    public static ApiError of(List<Fault> faults) {
        var first = faults.getFirst();
        var kinds = faults.stream().map(Fault::kind).distinct().toList();
        var kind = kinds.size() == 1 ? first.kind() : ErrorKind.INVALID_REQUEST;
        var detail = faults.size() == 1
                ? first.detail()
                : "the body has " + faults.size() + " faults; the first: " + first.detail();
        return new ApiError(kind, detail, faults.stream().limit(MAX_FAULTS).toList(), Map.of(), Map.of());
    }

    /** Of HTTP. */
    public int status() {
        return kind.status();
    }

    public ApiError with(String member, Object value) {
        var more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new ApiError(kind, detail, faults, more, headers);
    }

    ApiError withHeaders(Map<String, String> all) {
        return new ApiError(kind, detail, faults, members, all);
    }

    public ApiError withHeader(String name, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new ApiError(kind, detail, faults, members, more);
    }
}
