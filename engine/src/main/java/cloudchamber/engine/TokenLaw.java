package cloudchamber.engine;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.protocol.model.Sampling;
import java.util.Arrays;

/**
 * The law of the next token: what {@link Sampling} makes of a row of logits. Holds one law at a time, in
 * memory that is used again; for one thread.
 */
final class TokenLaw {
    /*
     * Weights are exp((logit - largest) / temperature) in float64: the likeliest token has weight 1, so
     * nothing overflows and the sum is at least 1. Everything is summed in the order of the ids, and the
     * restrictions break ties by the lower id, so a law and a draw are functions of the logits' bits alone,
     * on every platform. The order is top-k, top-p, min-p, as Sampling says; min-p compares with the
     * likeliest token, which no restriction removes.
     */
    private final double[] weights; // by token; 0 outside the law
    private final Exponential exponential;
    private double total;
    private int likeliest;
    private boolean greedy;

    TokenLaw(int vocabularySize) {
        weights = new double[vocabularySize];
        exponential = new Exponential(vocabularySize);
    }

    /** Makes this the law of {@code sampling} on these logits, one for each token. */
    void become(float[] logits, Sampling sampling) {
        likeliest = likeliest(logits);
        greedy = sampling.temperature() == 0;
        if (greedy) {
            return;
        }
        double largest = logits[likeliest];
        double temperature = sampling.temperature();
        for (int token = 0; token < weights.length; token++) {
            weights[token] = (logits[token] - largest) / temperature;
        }
        exponential.raise(weights);
        if (sampling.topK() > 0 && sampling.topK() < weights.length) {
            keepTop(sampling.topK());
        }
        if (sampling.topP() < 1) {
            keepNucleus(sampling.topP());
        }
        if (sampling.minP() > 0) {
            for (int token = 0; token < weights.length; token++) {
                if (weights[token] < sampling.minP()) {
                    weights[token] = 0;
                }
            }
        }
        total = sum();
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int token = 0; token < logits.length; token++) {
            if (Float.isNaN(logits[token]) || logits[token] == Float.POSITIVE_INFINITY) {
                throw new EngineException(
                        Category.BROKEN, "a logit must be a number: was " + logits[token] + " (token " + token + ")");
            }
            if (logits[token] > logits[best]) {
                best = token;
            }
        }
        if (logits[best] == Float.NEGATIVE_INFINITY) {
            throw new EngineException(Category.BROKEN, "a logit must be finite: was -Infinity for every token");
        }
        return best;
    }

    private double sum() {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        return sum;
    }

    /** Keeps the {@code count} likeliest tokens; of equals, those with the lower ids. */
    private void keepTop(int count) {
        double least = largest(weights.clone(), count);
        int equals = count;
        for (double weight : weights) {
            if (weight > least) {
                equals--;
            }
        }
        for (int token = 0; token < weights.length; token++) {
            if (weights[token] < least || weights[token] == least && equals-- <= 0) {
                weights[token] = 0;
            }
        }
    }

    /** The {@code rank}-th largest value, by Hoare's selection; the values are put in another order. */
    private static double largest(double[] values, int rank) {
        int wanted = values.length - rank;
        int low = 0;
        int high = values.length - 1;
        while (low < high) {
            double pivot = values[low + high >>> 1];
            int left = low;
            int right = high;
            while (left <= right) {
                while (values[left] < pivot) {
                    left++;
                }
                while (values[right] > pivot) {
                    right--;
                }
                if (left <= right) {
                    double swapped = values[left];
                    values[left++] = values[right];
                    values[right--] = swapped;
                }
            }
            if (wanted <= right) {
                high = right;
            } else if (wanted >= left) {
                low = left;
            } else {
                return values[wanted];
            }
        }
        return values[wanted];
    }

    /** Keeps the fewest likeliest tokens whose weights reach {@code share} of the sum. */
    private void keepNucleus(double share) {
        double sum = sum();
        // Lighter tokens hold less than (1 - share) of the sum together: the nucleus is among the others.
        double floor = (1 - share) * sum / weights.length;
        double[] ascending = Arrays.stream(weights)
                .filter(weight -> weight > 0 && weight >= floor)
                .sorted()
                .toArray();
        double reached = 0;
        int kept = 0;
        while (kept < ascending.length && reached < share * sum) {
            reached += ascending[ascending.length - ++kept];
        }
        keepTop(kept);
    }

    /**
     * The token at {@code uniform} in [0, 1) of the cumulative law: the first, by id, whose cumulative
     * probability exceeds it.
     */
    int draw(double uniform) {
        if (greedy) {
            return likeliest;
        }
        double target = uniform * total;
        double reached = 0;
        int last = likeliest;
        for (int token = 0; token < weights.length; token++) {
            if (weights[token] > 0) {
                reached += weights[token];
                last = token;
                if (reached > target) {
                    return token;
                }
            }
        }
        return last;
    }

    /** The token with the largest logit; of equals, the one with the lowest id. */
    int likeliest() {
        return likeliest;
    }

    /** The log-probability of a token, in nats; {@code -Infinity} outside the law. */
    double logProbability(int token) {
        if (greedy) {
            return token == likeliest ? 0 : Double.NEGATIVE_INFINITY;
        }
        return StrictMath.log(weights[token] / total);
    }
}
