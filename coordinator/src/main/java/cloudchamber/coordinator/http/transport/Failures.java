package cloudchamber.coordinator.http.transport;

import java.util.concurrent.CompletionException;

/** Failures of stages. */
public final class Failures {
    private Failures() {}

    /** The failure itself, without the wrappers that stages put around it. */
    public static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? cause(failure.getCause())
                : failure;
    }
}
