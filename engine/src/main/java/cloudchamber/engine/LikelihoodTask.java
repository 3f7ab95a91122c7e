package cloudchamber.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the log-probability of each token of a given continuation. */
final class LikelihoodTask extends Task<Likelihood> {
    private final LikelihoodRequest request;
    private final List<Double> logProbabilities = new ArrayList<>();
    private final List<Double> shortfalls = new ArrayList<>();

    /** The last token is judged, not read. */
    LikelihoodTask(LikelihoodRequest request) {
        super(request.prefix()
                .plus(request.continuation().first(request.continuation().size() - 1))
                .toArray());
        this.request = request;
    }

    @Override
    Optional<Tokens> rowText() {
        return Optional.empty();
    }

    @Override
    int shareable() {
        return request.prefix().size() - 1 + logProbabilities.size();
    }

    @Override
    boolean needs(int position) {
        return position >= request.prefix().size() - 1;
    }

    @Override
    void accept(int position, float[] row, TokenLaw law) {
        law.become(row, request.sampling());
        int token = request.continuation().at(logProbabilities.size());
        logProbabilities.add(law.logProbability(token));
        shortfalls.add((double) row[law.likeliest()] - row[token]);
        if (logProbabilities.size() == request.continuation().size()) {
            finish(new Likelihood(logProbabilities, shortfalls, promptTokens(), cachedTokens()));
        }
    }

    @Override
    int worthKeeping() {
        return Integer.MAX_VALUE;
    }
}
