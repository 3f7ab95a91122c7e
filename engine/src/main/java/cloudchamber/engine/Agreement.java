package cloudchamber.engine;

import cloudchamber.protocol.model.Sampling;
import java.util.ArrayList;
import java.util.List;

/**
 * How well this engine agrees with tokens that something else wrote at temperature 0: another engine, another library,
 * a server. The engine reads them as they are ("teacher-forced"), so that one difference is not counted again in all
 * that follows it, and each token is judged after the same text.
 *
 * @param shortfalls for each token: by how much its logit falls short of the largest one here, in nats; 0 where the
 *     engine would have written the same
 */
public record Agreement(List<Double> shortfalls) {
    /** Nothing was compared. */
    public static final Agreement NONE = new Agreement(List.of());

    public Agreement {
        shortfalls = List.copyOf(shortfalls);
    }

    /**
     * Reads a text that something else wrote.
     *
     * @param prompt at least one token
     * @param written what was written after it; nothing agrees with nothing
     */
    public static Agreement of(Engine engine, Tokens prompt, Tokens written) {
        return written.isEmpty()
                ? NONE
                : new Agreement(engine.likelihood(new LikelihoodRequest(prompt, written, Sampling.atTemperature(0)))
                        .join()
                        .shortfalls());
    }

    public Agreement plus(Agreement other) {
        var both = new ArrayList<>(shortfalls);
        both.addAll(other.shortfalls);
        return new Agreement(both);
    }

    public int tokens() {
        return shortfalls.size();
    }

    /** The tokens whose logit is at most {@code delta} below the largest. */
    public long within(double delta) {
        return shortfalls.stream().filter(shortfall -> shortfall <= delta).count();
    }

    /** The share of tokens the engine would have written itself; 1 of none. */
    public double share() {
        return shortfalls.isEmpty() ? 1 : (double) within(0) / shortfalls.size();
    }

    /** The largest shortfall, in nats; 0 of none. */
    public double largest() {
        return shortfalls.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }
}
