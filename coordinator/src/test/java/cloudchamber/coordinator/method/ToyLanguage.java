package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.CounterRandom;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A language small enough to enumerate: a tree of words, each a step, with the probability of each word
 * after its parent and the reward of each prefix. A text is its words joined by {@code |}.
 *
 * @param words by the path that ends in them, in the order they were added; the empty path is the prompt
 * @param successors the words after each path, in the same order
 */
public record ToyLanguage(Map<String, Word> words, Map<String, List<Word>> successors) {

    /**
     * @param probability given the parent
     * @param logOdds of the PRM for the prefix that ends here
     * @param last whether the language ends here
     */
    public record Word(String parent, String text, double probability, double logOdds, boolean last) {}

    ToyLanguage(Map<String, Word> words) {
        this(words, words.values().stream().collect(Collectors.groupingBy(Word::parent)));
    }

    /** A hidden Markov model as a language: the states are the words. */
    public static ToyLanguage hmm(double[] initial, double[][] transition, double[] rewards, int steps) {
        var words = new LinkedHashMap<String, Word>();
        grow(words, "", -1, initial, transition, rewards, steps);
        return new ToyLanguage(words);
    }

    private static void grow(
            Map<String, Word> words,
            String path,
            int from,
            double[] initial,
            double[][] transition,
            double[] rewards,
            int left) {
        for (int state = 0; left > 0 && state < initial.length; state++) {
            double probability = from < 0 ? initial[state] : transition[from][state];
            var text = state + "|";
            words.put(path + text, new Word(path, text, probability, LogOdds.of(rewards[state]), left == 1));
            grow(words, path + text, state, initial, transition, rewards, left - 1);
        }
    }

    /** The two-state model with closed-form values. */
    public static ToyLanguage twoStates(int steps) {
        return hmm(new double[] {.6, .4}, new double[][] {{.7, .3}, {.2, .8}}, new double[] {.9, .2}, steps);
    }

    /** The variable-length tree with closed-form values. */
    public static ToyLanguage tree() {
        var words = new LinkedHashMap<String, Word>();
        words.put("A|", new Word("", "A|", .5, LogOdds.of(.6), false));
        words.put("B|", new Word("", "B|", .3, LogOdds.of(.8), false));
        words.put("S|", new Word("", "S|", .2, LogOdds.of(.7), true));
        words.put("A|A1|", new Word("A|", "A1|", .6, LogOdds.of(.9), true));
        words.put("A|A2|", new Word("A|", "A2|", .4, LogOdds.of(.5), false));
        words.put("B|B1|", new Word("B|", "B1|", 1, LogOdds.of(.4), true));
        words.put("A|A2|A21|", new Word("A|A2|", "A21|", 1, LogOdds.of(.95), true));
        return new ToyLanguage(words);
    }

    /** A tree with texts of one to four words, drawn from {@code seed}: two or three words after each prefix. */
    static ToyLanguage random(long seed) {
        var words = new LinkedHashMap<String, Word>();
        grow(words, "", new CounterRandom(seed), 4);
        return new ToyLanguage(words);
    }

    private static void grow(Map<String, Word> words, String path, CounterRandom random, int left) {
        var shares = random.doubles(2 + random.nextInt(2), .2, 1).toArray();
        double sum = Arrays.stream(shares).sum();
        for (int word = 0; word < shares.length; word++) {
            var text = word + "|";
            boolean last = left == 1 || random.nextDouble() < .4;
            words.put(
                    path + text, new Word(path, text, shares[word] / sum, LogOdds.of(random.nextDouble(.1, .9)), last));
            if (!last) {
                grow(words, path + text, random, left - 1);
            }
        }
    }

    /**
     * What a policy says after {@code path}: drawn with the first uniforms of {@code seed}, the likeliest at
     * temperature 0.
     */
    Step reply(String path, Sampling sampling, Extent extent, long seed) {
        var text = new StringBuilder();
        double logProbability = 0;
        int words = 0;
        Word word;
        do {
            word = next(path + text, sampling.temperature() == 0 ? -1 : CounterRandom.uniform(seed, words));
            text.append(word.text());
            logProbability += StrictMath.log(word.probability());
            words++;
        } while (extent == Extent.GENERATION && !word.last());
        return new Step(
                text.toString(),
                List.of(),
                word.last() ? StepEnd.END : StepEnd.STEP,
                StepLimit.NONE,
                logProbability,
                words);
    }

    /** The word after {@code path} that holds {@code uniform}; the likeliest, the first among equals, if it is negative. */
    private Word next(String path, double uniform) {
        Word chosen = null;
        double left = uniform;
        for (var word : successors.get(path)) {
            if (uniform < 0) {
                chosen = chosen == null || word.probability() > chosen.probability() ? word : chosen;
            } else if (left >= 0) {
                chosen = word;
                left -= word.probability();
            }
        }
        return chosen;
    }

    public double logOdds(String path) {
        return words.get(path).logOdds();
    }

    /** p(x) of every complete text. */
    public Map<String, Double> prior() {
        var prior = new LinkedHashMap<String, Double>();
        words.forEach((path, word) -> {
            if (word.last()) {
                double probability = 1;
                for (var at = word; at != null; at = words.get(at.parent())) {
                    probability *= at.probability();
                }
                prior.put(path, probability);
            }
        });
        return prior;
    }

    /** Σ p(x) ψ(x). */
    public double evidence(ToDoubleFunction<String> psi) {
        return prior().entrySet().stream()
                .mapToDouble(text -> text.getValue() * psi.applyAsDouble(text.getKey()))
                .sum();
    }

    /** p(x) ψ(x) / Z of every complete text. */
    public Map<String, Double> posterior(ToDoubleFunction<String> psi) {
        double evidence = evidence(psi);
        var posterior = new LinkedHashMap<String, Double>();
        prior().forEach((text, probability) -> posterior.put(text, probability * psi.applyAsDouble(text) / evidence));
        return posterior;
    }

    /** Π r over the prefixes of {@code path}. */
    public double productOfRewards(String path) {
        double product = 1;
        for (var at = path; !at.isEmpty(); at = words.get(at).parent()) {
            product *= LogOdds.probability(words.get(at).logOdds());
        }
        return product;
    }

    /** r/(1 - r) of the whole text. */
    public double odds(String path) {
        return Math.exp(words.get(path).logOdds());
    }

    /** A text is its own answer once it is complete. */
    public Answers answers() {
        return new Answers() {
            @Override
            public Optional<String> extract(String text) {
                return words.get(text).last() ? Optional.of(text) : Optional.empty();
            }

            @Override
            public boolean equivalent(String one, String other) {
                return one.equals(other);
            }
        };
    }
}
