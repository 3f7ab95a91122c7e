package cloudchamber.coordinator.http.jobs;

import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.MethodSettings;
import java.util.List;

/**
 * The {@code sampling} of a request: how the policy draws, what a particle may use, and what ends a step.
 *
 * @param stops texts that end a step, none of them empty
 * @param maxThinkingTokens of a particle's thoughts; null for no limit of their own
 * @param scoreThoughts whether steps inside thoughts are scored
 */
public record SamplingRequest(
        double temperature,
        double topP,
        int topK,
        double minP,
        int maxSteps,
        int maxStepTokens,
        int maxTokens,
        List<String> stops,
        Integer maxThinkingTokens,
        boolean scoreThoughts) {
    public static final SamplingRequest STANDARD =
            new SamplingRequest(0.8, 1, 0, 0, 40, 512, 8192, List.of("\n\n"), null, true);
    private static final int MAX_TOKENS = 32_768;
    private static final int MAX_STOPS = 16;
    private static final int MAX_STOP_LENGTH = 256;

    public SamplingRequest {
        stops = List.copyOf(stops);
        new Sampling(temperature, topK, topP, minP);
        new Limits(maxSteps, maxStepTokens, maxTokens);
        new Thinking(maxThinkingTokens, !scoreThoughts);
        if (maxStepTokens > MAX_TOKENS || maxTokens > MAX_TOKENS) {
            throw new IllegalArgumentException("sampling.maxStepTokens and sampling.maxTokens must be at most "
                    + MAX_TOKENS + ": were " + maxStepTokens + " and " + maxTokens);
        }
        if (stops.size() > MAX_STOPS
                || stops.stream().anyMatch(stop -> stop.isEmpty() || stop.length() > MAX_STOP_LENGTH)) {
            throw new IllegalArgumentException("sampling.stops must be at most " + MAX_STOPS + " texts of 1 to "
                    + MAX_STOP_LENGTH + " characters: were " + stops.size() + " of "
                    + stops.stream().map(String::length).toList());
        }
    }

    /** Whether every particle of the method would be the same: the likeliest token is taken each time. */
    public boolean isDegenerate(MethodSettings method) {
        return (temperature == 0 || topK == 1) && method.budget() > 1;
    }

    public SamplingRequest withTemperature(double other) {
        return new SamplingRequest(
                other, topP, topK, minP, maxSteps, maxStepTokens, maxTokens, stops, maxThinkingTokens, scoreThoughts);
    }

    /** Why that is refused. */
    public static String degenerate(MethodSettings method) {
        return "must be above 0, and topK not 1, for " + method.budget()
                + " generations: all particles would be identical";
    }

    public Sampling sampling() {
        return new Sampling(temperature, topK, topP, minP);
    }

    public Limits limits() {
        return new Limits(maxSteps, maxStepTokens, maxTokens);
    }

    public Thinking thinking() {
        return new Thinking(maxThinkingTokens, !scoreThoughts);
    }
}
