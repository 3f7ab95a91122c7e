package cloudchamber.coordinator.http;

/** What came of reading something a client sent. */
sealed interface Checked<T> {

    record Valid<T>(T value) implements Checked<T> {}

    record Invalid<T>(ApiError error) implements Checked<T> {}
}
