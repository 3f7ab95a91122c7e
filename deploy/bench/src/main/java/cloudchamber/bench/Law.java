package cloudchamber.bench;

import cloudchamber.protocol.model.CounterRandom;
import java.util.function.LongUnaryOperator;

/** How long a simulated request takes, as a word that another process reads. */
sealed interface Law {

    /** Microseconds for a key. */
    LongUnaryOperator micros();

    /** The word. */
    String word();

    /** Always as long; 0 is not at all. */
    record Constant(double millis) implements Law {
        @Override
        public LongUnaryOperator micros() {
            return key -> Math.round(1000 * millis);
        }

        @Override
        public String word() {
            return "constant:" + millis;
        }
    }

    /** Log-normal. */
    record LogNormal(double meanMillis, double coefficientOfVariation) implements Law {
        private static final long SALT = 0x6C6177L;

        @Override
        public LongUnaryOperator micros() {
            double variance = Math.log1p(coefficientOfVariation * coefficientOfVariation);
            return key -> Math.round(1000
                    * meanMillis
                    * Math.exp(Math.sqrt(variance) * new CounterRandom(key ^ SALT).nextGaussian() - variance / 2));
        }

        @Override
        public String word() {
            return "log-normal:" + meanMillis + ":" + coefficientOfVariation;
        }
    }

    /** The steps of a {@link Workload}, time compressed. */
    record Steps(double coefficientOfVariation, double compression) implements Law {
        @Override
        public LongUnaryOperator micros() {
            var workload = new Workload(0, 1, coefficientOfVariation);
            return key -> Math.round(1000 * workload.stepMillis(key) / compression);
        }

        @Override
        public String word() {
            return "steps:" + coefficientOfVariation + ":" + compression;
        }
    }

    /** Reads a word. */
    static Law of(String word) {
        var parts = word.split(":");
        return switch (parts[0]) {
            case "constant" -> new Constant(Double.parseDouble(parts[1]));
            case "log-normal" -> new LogNormal(Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
            case "steps" -> new Steps(Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
            default -> throw new IllegalArgumentException("a law must be constant, log-normal or steps: was " + word);
        };
    }
}
