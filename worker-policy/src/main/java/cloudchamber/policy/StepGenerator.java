package cloudchamber.policy;

import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.Backend;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A policy: extends particles by one step each.
 *
 * <p>Laws, held by {@code StepGeneratorContract}: a request's result carries its key and lease; the
 * step's text is its tokens' text; the same request gives the same step, however often and beside
 * whatever else it runs, unless the backend's numerics class says otherwise; a step has at most
 * {@code min(maxStepTokens, maxTokens)} tokens; trouble is a typed refusal.
 */
public interface StepGenerator extends Backend<ExtendRequest, ExtendResult> {
    /**
     * The token ids of a control mark between texts, for a step that is written without being drawn; none where particles
     * are continued by their text.
     */
    default CompletableFuture<List<Integer>> control(String before, String mark, String after) {
        return CompletableFuture.completedFuture(List.of());
    }
}
