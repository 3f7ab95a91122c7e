package cloudchamber.prm.remote;

import cloudchamber.worker.remote.RemoteTrouble;
import com.fasterxml.jackson.databind.JsonNode;

/** Numbers of a server's reply, not believed before they are checked. */
final class Numbers {
    private static final double SUM_TOLERANCE = 0.02;

    private Numbers() {}

    /** What the numbers of a row are. */
    enum Kind {
        /** Raw values of a model's head: any number. */
        LOGITS,
        /** In [0, 1]; a row of two sums to 1. */
        PROBABILITIES
    }

    /** A finite number. */
    static double finite(JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw RemoteTrouble.invalid("a score must be a finite number: was "
                    + (value.isNumber()
                            ? "an infinite one"
                            : value.getNodeType().toString()));
        }
        return value.asDouble();
    }

    /**
     * The log-odds a row stands for: of one number, its own; of two, good against bad.
     *
     * @param goodColumn 0 or 1, for rows of two
     */
    static double logOdds(JsonNode row, Kind kind, int goodColumn) {
        if (!row.isArray() || row.isEmpty() || row.size() > 2) {
            throw RemoteTrouble.invalid("a score must be a row of one or two numbers: was "
                    + (row.isArray()
                            ? "a row of " + row.size()
                            : row.getNodeType().toString()));
        }
        double[] values = new double[row.size()];
        for (int column = 0; column < values.length; column++) {
            values[column] = kind == Kind.PROBABILITIES ? probability(row.get(column)) : finite(row.get(column));
        }
        if (values.length == 1) {
            return kind == Kind.PROBABILITIES ? Math.log(values[0]) - Math.log1p(-values[0]) : values[0];
        }
        double good = values[goodColumn];
        double bad = values[1 - goodColumn];
        if (kind == Kind.LOGITS) {
            return good - bad;
        }
        if (Math.abs(good + bad - 1) > SUM_TOLERANCE) {
            throw RemoteTrouble.invalid("two probabilities must sum to 1: summed to " + (good + bad));
        }
        return Math.log(good) - Math.log(bad);
    }

    private static double probability(JsonNode value) {
        double probability = finite(value);
        if (probability < 0 || probability > 1) {
            throw RemoteTrouble.invalid("a probability must be between 0 and 1: was " + probability);
        }
        return probability;
    }
}
