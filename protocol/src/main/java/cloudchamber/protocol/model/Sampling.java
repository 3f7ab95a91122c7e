package cloudchamber.protocol.model;

/**
 * The law tokens are drawn from: softmax of the logits over {@code temperature}, restricted in the
 * order top-k, top-p, min-p, and normalised.
 *
 * @param temperature in [0, 100]; 0 takes the likeliest token
 * @param topK at least 0; 0 keeps every token
 * @param topP in (0, 1]; 1 keeps every token
 * @param minP in [0, 1]; tokens below this fraction of the likeliest one are dropped
 */
public record Sampling(double temperature, int topK, double topP, double minP) {
    public Sampling {
        Checks.between(0.0, 100.0, temperature, "sampling.temperature");
        Checks.atLeast(0, topK, "sampling.topK");
        Checks.between(Double.MIN_VALUE, 1.0, topP, "sampling.topP");
        Checks.between(0.0, 1.0, minP, "sampling.minP");
    }

    /** Only a temperature: the model's own law at 1. */
    public static Sampling atTemperature(double temperature) {
        return new Sampling(temperature, 0, 1.0, 0.0);
    }
}
