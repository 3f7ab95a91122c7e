package cloudchamber.coordinator.http;

/** What a handler has to say. */
sealed interface Reply {

    record Ok(Object document) implements Reply {}

    /** @param location where what was accepted can be asked after */
    record Accepted(Object document, String location) implements Reply {}

    record Refused(ApiError error) implements Reply {}

    static Reply refused(ErrorKind kind, String detail) {
        return new Refused(ApiError.of(kind, detail));
    }
}
