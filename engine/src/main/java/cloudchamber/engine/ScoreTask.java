package cloudchamber.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the log-odds of two labels at some positions. */
final class ScoreTask extends Task<Score> {
    private final ScoreRequest request;
    private final Tokens whole;
    private final List<Double> logOdds = new ArrayList<>();

    ScoreTask(ScoreRequest request) {
        this(
                request,
                request.prefix()
                        .plus(request.suffix())
                        .first(request.positions().getLast() + 1));
    }

    private ScoreTask(ScoreRequest request, Tokens whole) {
        super(whole.toArray());
        this.request = request;
        this.whole = whole;
    }

    @Override
    Optional<Tokens> rowText() {
        return request.positions().size() == 1 ? Optional.of(whole) : Optional.empty();
    }

    @Override
    int shareable() {
        return request.positions().get(logOdds.size());
    }

    @Override
    boolean needs(int position) {
        return request.positions().contains(position);
    }

    @Override
    void accept(int position, float[] row, TokenLaw law) {
        logOdds.add((double) row[request.good()] - row[request.bad()]);
        if (logOdds.size() == request.positions().size()) {
            finish(new Score(logOdds, promptTokens(), cachedTokens()));
        }
    }

    @Override
    int worthKeeping() {
        return request.keep() ? request.prefix().size() : opened();
    }
}
