package cloudchamber.policy.remote;

import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.wire.ExtendRequest;
import java.util.List;

/** How a server's word for an end is read. */
enum Ends {
    /** The end of the sequence. */
    SEQUENCE,
    /** At a stop text. */
    STOP,
    /** At a number of tokens. */
    LENGTH;

    /** The tokens a request may have. */
    static int maxTokens(ExtendRequest request) {
        return Math.min(request.maxStepTokens(), request.maxTokens());
    }

    /**
     * The step that ended so.
     *
     * @param generated tokens, the end of sequence included; fewer than were allowed at a LENGTH means that the
     *     context is full
     * @param logProbability 0 where it is not told
     * @param logProbabilityTokens 0 where it is not told
     */
    Step step(
            ExtendRequest request,
            String text,
            List<Integer> tokenIds,
            int generated,
            double logProbability,
            int logProbabilityTokens) {
        var end = switch (this) {
            case SEQUENCE -> StepEnd.END;
            case STOP -> StepEnd.STEP;
            case LENGTH -> StepEnd.TRUNCATED;
        };
        var limit = this == LENGTH ? limit(request, generated) : StepLimit.NONE;
        return new Step(text, tokenIds, end, limit, logProbability, logProbabilityTokens);
    }

    private static StepLimit limit(ExtendRequest request, int generated) {
        if (generated < maxTokens(request)) {
            return StepLimit.CONTEXT;
        }
        return request.maxTokens() <= request.maxStepTokens() ? StepLimit.PARTICLE_TOKENS : StepLimit.STEP_TOKENS;
    }
}
