package cloudchamber.bench;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.CompletedRound;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.Extension;
import cloudchamber.coordinator.method.MethodRun;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.coordinator.smc.Offspring;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.coordinator.smc.Resamplers;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What {@link ResamplingBenchmark} times, for JMH. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ResamplingJmh {
    static final int MANY = 1 << 20;
    static final int FEW = 64;
    static final int PARTICLES = 1024;

    private final RandomStreams streams = RandomStreams.of(7, "B6");
    private final Resampler systematic = Resamplers.systematic();
    private final CounterRandom random = new CounterRandom(7);
    private double[] weights;
    private double[] logWeights;
    private MethodRun run;
    private CompletedRound round;

    /** Random log-weights of standard deviation about 1, and a run whose second round is complete. */
    @Setup
    public void prepare() {
        logWeights = new CounterRandom(11).doubles(FEW, -2, 2).toArray();
        weights = LogWeights.of(new CounterRandom(12).doubles(MANY, -2, 2).toArray())
                .normalised();
        run = Methods.start(
                ParticleFilterSettings.standard().withParticles(PARTICLES).withEssThreshold(1),
                Sampling.atTemperature(1),
                new Limits(40, 512, 8192),
                NO_ANSWERS);
        for (var event : run.decide(completed(), streams)) {
            run = run.evolve(event);
        }
        round = completed();
    }

    private CompletedRound completed() {
        var plan = run.plan();
        var extensions = new ArrayList<Extension>();
        var scores = new CounterRandom(plan.round());
        for (var expansion : plan.expansions()) {
            extensions.add(new Extension(
                    expansion,
                    new Step("a step", List.of(1, 2, 3), StepEnd.STEP, StepLimit.NONE, -1, 3),
                    List.of(scores.nextDouble() * 4 - 2)));
        }
        return new CompletedRound(plan.round(), extensions, Cost.NONE);
    }

    /** Adding up {@link #MANY} normalised weights: what any resampler has to do at least. */
    @Benchmark
    public double sum() {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        return sum;
    }

    /** The ancestors of {@link #MANY} children. */
    @Benchmark
    public int[] systematic() {
        return Resamplers.systematic(weights, MANY, random.nextDouble());
    }

    /** From {@link #FEW} log-weights to as many ancestors. */
    @Benchmark
    public Offspring fromLogWeights() {
        return systematic.resample(LogWeights.of(logWeights), FEW, random);
    }

    /** Weighing and resampling {@link #PARTICLES} particles whose steps and scores have come, and planning the next round. */
    @Benchmark
    public Object bookkeeping() {
        var next = run;
        for (var event : run.decide(round, streams)) {
            next = next.evolve(event);
        }
        return next.plan();
    }

    private static final Answers NO_ANSWERS = new Answers() {
        @Override
        public Optional<String> extract(String text) {
            return Optional.empty();
        }

        @Override
        public boolean equivalent(String one, String other) {
            return one.equals(other);
        }
    };
}
