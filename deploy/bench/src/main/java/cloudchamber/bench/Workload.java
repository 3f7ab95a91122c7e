package cloudchamber.bench;

import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.FiniteLanguage;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What benchmarks ask: particle filters over steps of log-normal length, as of a model of 8 billion parameters
 * on a large GPU. Every length is a function of the step's seed.
 *
 * @param seed of everything
 * @param particles N of each problem
 * @param coefficientOfVariation of a step's length in tokens
 */
record Workload(long seed, int particles, double coefficientOfVariation) {
    static final String MODEL = "bench";
    static final int CHARACTERS_A_TOKEN = 4;
    static final int PROMPT_TOKENS = 150;
    private static final int MEAN_TOKENS = 60;
    private static final int MAX_TOKENS = 1024;
    private static final double MILLIS_TO_FIRST_TOKEN = 50;
    private static final double MILLIS_A_TOKEN = 20;
    private static final double SCORE_MILLIS = 60;
    private static final int MIN_STEPS = 8;
    private static final int MAX_STEPS = 16;
    private static final long LENGTHS = 0x6C656E67746873L;
    private static final long STEPS = 0x7374657073L;

    /** Three states, none of them hopeless: weights differ and particles are resampled. */
    FiniteLanguage language() {
        return new FiniteLanguage.Hmm(
                List.of(.4, .3, .3),
                List.of(List.of(.5, .3, .2), List.of(.2, .5, .3), List.of(.3, .2, .5)),
                List.of(.3, .5, .7),
                MAX_STEPS);
    }

    /** How long the step drawn from {@code key} is. */
    int tokens(long key) {
        double variance = Math.log1p(coefficientOfVariation * coefficientOfVariation);
        double normal = new CounterRandom(key ^ LENGTHS).nextGaussian();
        double tokens = MEAN_TOKENS * Math.exp(Math.sqrt(variance) * normal - variance / 2);
        return Math.clamp(Math.round(tokens), 1, MAX_TOKENS);
    }

    double stepMillis(long key) {
        return MILLIS_TO_FIRST_TOKEN + MILLIS_A_TOKEN * tokens(key);
    }

    double scoreMillis() {
        return SCORE_MILLIS;
    }

    /** Of {@link #tokens}, between the limits that cut. */
    static double meanStepMillis() {
        return MILLIS_TO_FIRST_TOKEN + MILLIS_A_TOKEN * MEAN_TOKENS;
    }

    /** Problems of one job, the first the oldest, with 8 to 16 steps each. */
    List<ProblemSpecification> problems(String job, int count, long firstOrder) {
        return IntStream.range(0, count)
                .mapToObj(number -> problem(job, number, firstOrder + number))
                .toList();
    }

    private ProblemSpecification problem(String job, int number, long order) {
        double uniform = CounterRandom.uniform(seed ^ STEPS ^ job.hashCode(), number);
        int steps = MIN_STEPS + (int) ((MAX_STEPS - MIN_STEPS + 1) * uniform);
        return new ProblemSpecification(
                job,
                "p" + number,
                Prompt.question("x".repeat(PROMPT_TOKENS * CHARACTERS_A_TOKEN)),
                ParticleFilterSettings.standard().withParticles(particles),
                MODEL,
                MODEL,
                Sampling.atTemperature(1),
                new Limits(steps, MAX_TOKENS, MAX_TOKENS * steps),
                List.of("\n\n"),
                seed,
                "text",
                order);
    }
}
