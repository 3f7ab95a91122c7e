package cloudchamber.engine;

import java.util.List;

/**
 * The answer to a {@link LikelihoodRequest}.
 *
 * @param logProbabilities of each token of the continuation given all before it, in nats; {@code
 *     -Infinity} for a token the law never draws
 * @param shortfalls by how much the logit of each token falls short of the largest there, in nats at temperature 1; 0
 *     for the token that greedy generation takes and its equals
 * @param promptTokens of prefix and continuation that were read for this request
 * @param cachedTokens of prefix and continuation that were in memory
 */
public record Likelihood(List<Double> logProbabilities, List<Double> shortfalls, int promptTokens, int cachedTokens) {
    public Likelihood {
        logProbabilities = List.copyOf(logProbabilities);
        shortfalls = List.copyOf(shortfalls);
    }
}
