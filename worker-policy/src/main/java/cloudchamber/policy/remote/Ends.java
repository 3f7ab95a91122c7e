package cloudchamber.policy.remote;

import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.RemoteTrouble;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** How a server's word for an end is read. */
enum Ends {
    /** The end of the sequence. */
    SEQUENCE,
    /** At a stop text. */
    STOP,
    /** At a number of tokens. */
    LENGTH;

    private static final int SEEN_CHARACTERS = 40;

    /**
     * What a server's word for an end means.
     *
     * @param reason as the server says it; null or missing where it finished without one
     * @param atStop whether it says that a stop text was met
     * @param generated tokens
     * @throws RemoteTrouble if it did not finish, or the word is unknown
     */
    static Ends of(JsonNode reason, boolean atStop, int generated, ExtendRequest request) {
        if (reason.isMissingNode() || reason.isNull()) {
            return atStop ? STOP : generated >= maxTokens(request) ? LENGTH : SEQUENCE;
        }
        return of(reason.asText(reason.toString()), atStop);
    }

    /** As {@link #of(JsonNode, boolean, int, ExtendRequest)}, of a server that always says it. */
    static Ends of(String reason, boolean atStop) {
        return switch (reason) {
            case "stop", "stop_sequence", "stop_token", "eos", "eos_token", "end_turn", "end_of_text", "word" ->
                atStop ? STOP : SEQUENCE;
            case "length", "limit", "max_tokens", "max_new_tokens", "max_length", "model_length", "token_limit" ->
                LENGTH;
            case "abort", "aborted", "cancelled", "error" ->
                throw new RemoteTrouble(
                        Category.BACKEND_UNAVAILABLE, "the server must finish the request: says \"" + reason + "\"");
            default ->
                throw RemoteTrouble.invalid(
                        "the reason of an end must be stop, eos, length or abort, or mean one of them: was \""
                                + seen(reason) + "\"");
        };
    }

    /** The start of what a server said, fit for a message. */
    static String seen(String said) {
        var line = said.replaceAll("[\\p{Cntrl}\\p{Cf}\u2028\u2029]+", " ");
        return line.length() <= SEEN_CHARACTERS ? line : line.substring(0, SEEN_CHARACTERS) + "…";
    }

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
