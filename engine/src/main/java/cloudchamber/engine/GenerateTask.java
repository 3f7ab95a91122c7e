package cloudchamber.engine;

import cloudchamber.engine.Generation.End;
import cloudchamber.protocol.model.CounterRandom;
import java.util.Arrays;
import java.util.Optional;

/** Draws a continuation token by token. */
final class GenerateTask extends Task<Generation> {
    private static final int NONE = -1;

    private final GenerateRequest request;
    private final Tokenizer tokenizer;
    private final int maxTextTokens;
    private final StopMatcher stops;
    private double logProbability;
    private int drawn;

    GenerateTask(GenerateRequest request, Tokenizer tokenizer, int maxTextTokens) {
        super(request.prefix().toArray());
        this.request = request;
        this.tokenizer = tokenizer;
        this.maxTextTokens = maxTextTokens;
        this.stops = new StopMatcher(request.stops());
    }

    @Override
    Optional<Tokens> rowText() {
        return drawn == 0 ? Optional.of(request.prefix()) : Optional.empty();
    }

    @Override
    int shareable() {
        return size() - 1;
    }

    @Override
    boolean needs(int position) {
        return position == size() - 1;
    }

    @Override
    void accept(int position, float[] row, TokenLaw law) {
        law.become(row, request.sampling());
        int token = law.draw(CounterRandom.uniform(request.seed(), drawn));
        logProbability += law.logProbability(token);
        drawn++;
        if (tokenizer.ends(token)) {
            end(End.END_OF_GENERATION, Tokens.NONE);
            return;
        }
        byte[] piece = tokenizer.piece(token);
        int kept = stops.append(piece);
        if (kept != NONE) {
            end(
                    End.STOP_STRING,
                    kept == piece.length ? Tokens.of(token) : tokenizer.encodeBytes(Arrays.copyOf(piece, kept)));
        } else if (drawn == request.maxTokens()) {
            end(End.MAX_TOKENS, Tokens.of(token));
        } else if (size() + 1 >= maxTextTokens) {
            end(End.CONTEXT_FULL, Tokens.of(token));
        } else {
            grow(token);
        }
    }

    private void end(End end, Tokens last) {
        var tokens =
                Tokens.of(Arrays.copyOfRange(text(), givenTokens(), size())).plus(last);
        finish(new Generation(
                tokens, tokenizer.decode(tokens), end, logProbability, drawn, promptTokens(), cachedTokens()));
    }

    @Override
    int worthKeeping() {
        return Integer.MAX_VALUE;
    }
}
