package cloudchamber.engine;

import java.util.List;

/**
 * The answer to a {@link ScoreRequest}.
 *
 * @param logOdds logit of the good label less that of the bad one, in nats, one for each position
 * @param promptTokens of prefix and suffix that were read for this request
 * @param cachedTokens of prefix and suffix that were in memory
 */
public record Score(List<Double> logOdds, int promptTokens, int cachedTokens) {
    public Score {
        logOdds = List.copyOf(logOdds);
    }
}
