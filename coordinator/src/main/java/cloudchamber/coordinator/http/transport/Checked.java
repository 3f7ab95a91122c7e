package cloudchamber.coordinator.http.transport;

/** What came of reading something a client sent. */
public sealed interface Checked<T> {

    record Valid<T>(T value) implements Checked<T> {}

    record Invalid<T>(ApiError error) implements Checked<T> {}
}
