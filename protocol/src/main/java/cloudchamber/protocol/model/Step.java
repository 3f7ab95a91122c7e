package cloudchamber.protocol.model;

import java.util.List;

/**
 * The text a policy adds to a particle in one go, its delimiter included.
 *
 * @param text for people, the PRM and the grader; may be empty
 * @param tokenIds as generated, without an end-of-sequence token; empty where the policy does not tell
 *     them. Continuing a particle uses these: its text may tokenise otherwise
 * @param limit what cut the step; {@link StepLimit#NONE} unless {@code end} is TRUNCATED
 * @param logProbability the sum of the log-probabilities of the tokens drawn, end of sequence
 *     included, in nats, under the law really sampled (temperature, top-p, …)
 * @param logProbabilityTokens how many tokens {@code logProbability} sums; 0 where the policy does not tell
 */
public record Step(
        String text,
        List<Integer> tokenIds,
        StepEnd end,
        StepLimit limit,
        double logProbability,
        int logProbabilityTokens) {
    public Step {
        Checks.present(text, "text");
        tokenIds = Checks.copy(tokenIds, "tokenIds");
        Checks.present(end, "end");
        Checks.present(limit, "limit");
        Checks.finite(logProbability, "logProbability");
        Checks.atLeast(0, logProbabilityTokens, "logProbabilityTokens");
        if ((end == StepEnd.TRUNCATED) == (limit == StepLimit.NONE)) {
            throw new IllegalArgumentException(
                    "a limit must be named exactly when the step is TRUNCATED: was " + end + " with " + limit);
        }
    }

    /** Whether no step follows this one. */
    public boolean finishes() {
        return end == StepEnd.END || limit.absorbing();
    }

    /** The same text, now known to hold a final answer. */
    public Step asEnd() {
        return new Step(text, tokenIds, StepEnd.END, StepLimit.NONE, logProbability, logProbabilityTokens);
    }

    /** The same text, cut by {@code limit}. */
    public Step cutBy(StepLimit limit) {
        return new Step(text, tokenIds, StepEnd.TRUNCATED, limit, logProbability, logProbabilityTokens);
    }

    /** The same with a text that every database can hold: NUL and halves of surrogate pairs become U+FFFD. */
    public Step storable() {
        return Texts.isStorable(text)
                ? this
                : new Step(Texts.storable(text), tokenIds, end, limit, logProbability, logProbabilityTokens);
    }
}
