package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.ScoreResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for the answers of a model behind a server. */
public final class ServerAnswers {
    private ServerAnswers() {}

    /**
     * The step that a server gave.
     *
     * @throws CommandFailure if it gave none
     */
    public static ExtendResult.Generated step(CompletableFuture<ExtendResult> answer) throws InterruptedException {
        return switch (await(answer)) {
            case ExtendResult.Generated generated -> generated;
            case ExtendResult.NotExtended refused ->
                throw CommandFailure.unavailable("the server gave no step: "
                        + refused.refusal().category() + ", "
                        + refused.refusal().detail());
        };
    }

    /**
     * The score that a server gave the last step, as log-odds.
     *
     * @throws CommandFailure if it gave none
     */
    public static double score(CompletableFuture<ScoreResult> answer) throws InterruptedException {
        return switch (await(answer)) {
            case ScoreResult.PrefixScored scored -> scored.logOdds().getLast();
            case ScoreResult.NotScored refused ->
                throw CommandFailure.unavailable("the server gave no score: "
                        + refused.refusal().category() + ", "
                        + refused.refusal().detail());
        };
    }

    private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException bug) {
            throw new IllegalStateException("a backend's future never fails", bug);
        }
    }
}
