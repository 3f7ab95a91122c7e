package cloudchamber.bench;

import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.coordinator.smc.Resamplers;
import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Generation.End;
import cloudchamber.engine.Model;
import cloudchamber.engine.Score;
import cloudchamber.engine.ScoreRequest;
import cloudchamber.engine.Statistics;
import cloudchamber.engine.Tokens;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** E2: how many tokens a particle filter makes the models read, beside reading each once. */
final class EngineReuse implements Benchmark {
    /*
     * A particle filter as the cluster runs it, without the cluster: extend, score, resample when the
     * effective sample size falls below half. The distinct tokens are the prompt's, once, and those of each
     * step that was drawn; for the PRM, which may be shown the same text by several particles, those of each
     * different text once, and the tag it reads after each. What was given to the library is the library's
     * own count, less padding.
     */
    private static final double GOAL = 1.05;
    private static final int PARTICLES = 16;
    private static final int ROUNDS = 14;
    private static final int STEP_TOKENS = 64;
    private static final String DELIMITER = "\n\n";
    private static final Sampling SAMPLING = Sampling.atTemperature(0.8);
    private static final List<String> QUESTIONS =
            List.of("Evaluate 17 + 26 - 9 + 31 - 8.", "Evaluate 5 + 4 - 3.", "Evaluate 64 - 12 + 7 - 30 + 11 - 2.");

    @Override
    public String id() {
        return "E2";
    }

    @Override
    public String title() {
        return "Reuse of what was read: a particle filter with " + PARTICLES + " particles, bundled policy and PRM";
    }

    @Override
    public String ideal() {
        return "Every distinct token is read once; the score is the tokens given to llama.cpp, less padding, over those,"
                + " the larger of policy and PRM.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        Figure worst = null;
        for (var library : EngineLibraries.all(output).entrySet()) {
            output.progress("filtering " + QUESTIONS.size() + " problems, " + library.getKey());
            for (var figure : measure(library.getKey(), library.getValue(), settings)) {
                output.figure(figure);
                worst = worst == null || figure.score() > worst.score() ? figure : worst;
            }
        }
        return worst;
    }

    private static List<Figure> measure(String library, LibraryChoice choice, BenchmarkSettings settings) {
        try (var policy = open(settings.models().get(BenchmarkSettings.BUNDLED_POLICY), choice);
                var prm = open(settings.models().get(BenchmarkSettings.BUNDLED_PRM), choice)) {
            var distinct = new Distinct();
            for (int problem = 0; problem < QUESTIONS.size(); problem++) {
                filter(policy, prm, QUESTIONS.get(problem), settings.seed() + problem, distinct);
            }
            return List.of(
                    figure(library + " policy", policy.engine().statistics(), distinct.policy, settings.seed()),
                    figure(library + " PRM", prm.engine().statistics(), distinct.prm, settings.seed()));
        }
    }

    private static Figure figure(String name, Statistics counts, long distinct, long seed) {
        long given = counts.libraryTokens() - counts.paddingTokens();
        return new Figure(
                name,
                (double) given / distinct,
                Figure.Direction.LOWER,
                GOAL,
                distinct,
                given,
                "tokens",
                seed,
                Map.of(
                        "engineTokens", counts.decodedTokens(),
                        "libraryTokens", counts.libraryTokens(),
                        "paddingTokens", counts.paddingTokens(),
                        "repeatedTokens", counts.repeatedTokens(),
                        "evictions", counts.evictions()));
    }

    private record Opened(Model model, Engine engine) implements AutoCloseable {
        Tokens prompt(String question) {
            return model.tokenizer().encode(ChatTemplate.of(model.metadata()).render(Prompt.question(question)));
        }

        @Override
        public void close() {
            engine.close();
            model.close();
        }
    }

    private static Opened open(Path file, LibraryChoice choice) {
        var model = Model.load(file, choice);
        return new Opened(model, Engine.start(model, EngineSettings.DEFAULT));
    }

    private static final class Distinct {
        private final Set<Tokens> seen = new HashSet<>();
        private final Set<Tokens> judged = new HashSet<>();
        private long policy;
        private long prm;

        /** Counts what of this text the PRM was not shown before, and the tag if the whole is new. */
        void show(Tokens text, int tagTokens) {
            prm += judged.add(text) ? tagTokens : 0;
            for (int size = text.size(); size > 0 && seen.add(text.first(size)); size--) {
                prm++;
            }
        }
    }

    /** One partial answer, as the policy and as the PRM read it. */
    private record Particle(Tokens policyText, Tokens prmText, double logOdds, boolean finished) {
        Particle withLogOdds(double changed) {
            return new Particle(policyText, prmText, changed, finished);
        }
    }

    private static void filter(Opened policy, Opened prm, String question, long seed, Distinct distinct) {
        var format = LabelFormat.of(prm.model().metadata());
        var good = prm.model().tokenizer().token(format.good()).orElseThrow();
        var bad = prm.model().tokenizer().token(format.bad()).orElseThrow();
        var stepEnd = prm.model().tokenizer().encode(format.stepEnd());
        var start = new Particle(policy.prompt(question), prm.prompt(question), 0, false);
        distinct.policy += start.policyText().size();
        var particles = Collections.nCopies(PARTICLES, start);
        var weights = LogWeights.equal(PARTICLES);
        var random = new CounterRandom(seed);
        for (int round = 0; round < ROUNDS && !particles.stream().allMatch(Particle::finished); round++) {
            var steps = particles.stream()
                    .map(particle -> particle.finished()
                            ? null
                            : policy.engine()
                                    .generate(new GenerateRequest(
                                            particle.policyText(),
                                            SAMPLING,
                                            random.nextLong(),
                                            List.of(DELIMITER),
                                            STEP_TOKENS)))
                    .toList();
            var extended = new ArrayList<Particle>();
            var scores = new ArrayList<CompletableFuture<Score>>();
            for (int slot = 0; slot < PARTICLES; slot++) {
                var parent = particles.get(slot);
                if (parent.finished()) {
                    extended.add(parent);
                    scores.add(null);
                    continue;
                }
                var step = steps.get(slot).join();
                var read = prm.model().tokenizer().encode(step.text());
                var tag = step.text().endsWith(format.stepEnd()) ? Tokens.NONE : stepEnd;
                distinct.policy += step.tokens().size();
                var child = new Particle(
                        parent.policyText().plus(step.tokens()),
                        parent.prmText().plus(read),
                        parent.logOdds(),
                        step.end() != End.STOP_STRING || step.text().contains("\\boxed"));
                distinct.show(child.prmText(), tag.size());
                extended.add(child);
                scores.add(prm.engine().score(ScoreRequest.atEnd(child.prmText(), tag, good, bad)));
            }
            var log = new double[PARTICLES];
            for (int slot = 0; slot < PARTICLES; slot++) {
                var child = extended.get(slot);
                double logOdds = scores.get(slot) == null
                        ? child.logOdds()
                        : scores.get(slot).join().logOdds().getLast();
                log[slot] = weights.get(slot) + logOdds - child.logOdds();
                extended.set(slot, child.withLogOdds(logOdds));
            }
            weights = LogWeights.of(log);
            particles = extended;
            if (weights.effectiveSampleSize() < PARTICLES / 2.0) {
                particles = Resamplers.systematic().resample(weights, PARTICLES, random).ancestors().stream()
                        .map(extended::get)
                        .toList();
                weights = LogWeights.equal(PARTICLES);
            }
        }
    }
}
