package cloudchamber.engine;

import cloudchamber.protocol.model.Sampling;
import java.util.Objects;

/**
 * Asks how likely a given continuation is.
 *
 * @param prefix at least one token
 * @param continuation at least one token
 * @param sampling the law under which each token's probability is taken
 */
public record LikelihoodRequest(Tokens prefix, Tokens continuation, Sampling sampling) {
    public LikelihoodRequest {
        Objects.requireNonNull(sampling, "sampling");
        if (prefix.isEmpty() || continuation.isEmpty()) {
            throw new IllegalArgumentException("prefix and continuation must have at least one token each: had "
                    + prefix.size() + " and " + continuation.size());
        }
    }
}
