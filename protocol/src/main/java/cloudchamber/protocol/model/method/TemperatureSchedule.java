package cloudchamber.protocol.model.method;

import cloudchamber.protocol.model.Checks;

/**
 * The softmax temperature of each round: a straight line from {@code start} to {@code end}, then
 * {@code end}. A target is always the one at {@code end}.
 *
 * @param start of round 0; in [1e-6, 1e6]
 * @param end from round {@code rounds - 1} on; in [1e-6, 1e6]
 * @param rounds at least 1; 1 means {@code end} throughout
 */
public record TemperatureSchedule(double start, double end, int rounds) {
    public TemperatureSchedule {
        Checks.between(1e-6, 1e6, start, "softmaxTemperature.start");
        Checks.between(1e-6, 1e6, end, "softmaxTemperature.end");
        Checks.atLeast(1, rounds, "softmaxTemperature.rounds");
    }

    /** The same temperature in every round. */
    public static TemperatureSchedule constant(double temperature) {
        return new TemperatureSchedule(temperature, temperature, 1);
    }

    /** The temperature of {@code round}, counted from 0. */
    public double at(int round) {
        Checks.atLeast(0, round, "round");
        return round >= rounds - 1 ? end : start - (start - end) * round / (rounds - 1);
    }
}
