package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Texts;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.model.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Gathers the replies of one open round, in any order, however often they come, and hands over the round
 * when it is whole. Belongs to one owner at a time; the result depends on the first reply to each request
 * alone.
 */
public final class RoundCollector {
    private static final Step CONTEXT_END = new Step("", List.of(), StepEnd.TRUNCATED, StepLimit.CONTEXT, 0, 0);
    private static final int CHARACTERS_A_TOKEN = 4;

    private final RoundPlan plan;
    private final PrefixTree tree;
    private final Limits limits;
    private final Predicate<String> holdsAnswer;
    private final Thinking thinking;
    private final Map<StepKey, Integer> stepPlaces = new LinkedHashMap<>();
    private final Map<StepKey, Integer> scorePlaces = new LinkedHashMap<>();
    private final List<StepKey> scoreKeys = new ArrayList<>();
    private final Step[] steps;
    private final int[] replacedCharacters;
    private final List<List<Double>> logOdds = new ArrayList<>();
    private Cost cost = Cost.NONE;
    private int missing;
    private int unread;

    /** What became of a reply. */
    public sealed interface Reception {
        /**
         * It was the first of its kind.
         *
         * @param scoresNeeded keys of the scores that can now be asked for and could not before
         */
        record Taken(List<StepKey> scoresNeeded) implements Reception {}

        /** It was a repeat, or belongs to no open request of this round: the work is wasted. */
        record Ignored() implements Reception {}

        /** It cannot be right; the request is still open. */
        record Refused(Refusal refusal) implements Reception {}
    }

    private RoundCollector(
            String job,
            String problem,
            RoundPlan plan,
            PrefixTree tree,
            Limits limits,
            Predicate<String> holdsAnswer,
            Thinking thinking) {
        this.plan = plan;
        this.tree = tree;
        this.limits = limits;
        this.holdsAnswer = holdsAnswer;
        this.thinking = thinking;
        this.steps = new Step[plan.expansions().size()];
        this.replacedCharacters = new int[steps.length];
        this.missing = steps.length * (plan.scored() ? 2 : 1);
        for (int place = 0; place < steps.length; place++) {
            var expansion = plan.expansions().get(place);
            stepPlaces.put(key(job, problem, expansion, expansion.purpose()), place);
            scoreKeys.add(key(job, problem, expansion, Purpose.SCORE));
            if (plan.scored()) {
                scorePlaces.put(scoreKeys.get(place), place);
            }
            logOdds.add(null);
        }
    }

    /**
     * Opens a round.
     *
     * @param tree of the run that planned the round
     * @param holdsAnswer whether all a particle has said holds a complete final answer, which finishes it
     */
    public static RoundCollector open(
            String job, String problem, RoundPlan plan, PrefixTree tree, Limits limits, Predicate<String> holdsAnswer) {
        return open(job, problem, plan, tree, limits, holdsAnswer, Thinking.FREE);
    }

    /** As {@link #open(String, String, RoundPlan, PrefixTree, Limits, Predicate)}, of particles that think so. */
    public static RoundCollector open(
            String job,
            String problem,
            RoundPlan plan,
            PrefixTree tree,
            Limits limits,
            Predicate<String> holdsAnswer,
            Thinking thinking) {
        return new RoundCollector(job, problem, plan, tree, limits, holdsAnswer, thinking);
    }

    private StepKey key(String job, String problem, Expansion expansion, Purpose purpose) {
        return new StepKey(
                job, problem, expansion.chain(), expansion.iteration(), plan.round(), expansion.slot(), purpose);
    }

    /** The keys of the steps that have not come, in the order of the plan. */
    public List<StepKey> stepsNeeded() {
        return stepPlaces.keySet().stream()
                .filter(key -> steps[stepPlaces.get(key)] == null)
                .toList();
    }

    /** The keys of the scores whose step has come and which have not, in the order of the plan. */
    public List<StepKey> scoresNeeded() {
        return scorePlaces.keySet().stream()
                .filter(key -> steps[scorePlaces.get(key)] != null && logOdds.get(scorePlaces.get(key)) == null)
                .toList();
    }

    /** What the request {@code key}, for a step or its score, extends. */
    public Expansion expansion(StepKey key) {
        return plan.expansions().get(place(key));
    }

    /** The id that the new node of {@code key} will have. */
    public int node(StepKey key) {
        return tree.size() + place(key);
    }

    /** What the request {@code key} reads: for a step what comes before it, for a score the new step too. */
    public List<Step> prefix(StepKey key) {
        int place = place(key);
        var prefix = new ArrayList<>(tree.path(plan.expansions().get(place).parent()));
        if (key.purpose() == Purpose.SCORE) {
            prefix.add(steps[place]);
        }
        return prefix;
    }

    /** How many tokens the step {@code key} may have, at least 1. */
    public int maxTokens(StepKey key) {
        return switch (expansion(key).extent()) {
            case STEP -> Math.min(tokensLeft(key), limits.maxStepTokens());
            case GENERATION -> tokensLeft(key);
        };
    }

    /** How many tokens the particle of {@code key} may still have, at least 1. */
    public int tokensLeft(StepKey key) {
        return Math.max(1, limits.maxTokens() - tokens(tree.path(expansion(key).parent())));
    }

    /**
     * How many tokens the thoughts of the particle of {@code key} may still have, at least 0; empty without a limit, and
     * for a particle whose thought is over.
     */
    public Optional<Integer> thinkingTokensLeft(StepKey key) {
        if (thinking.maxTokens() == null) {
            return Optional.empty();
        }
        int parent = expansion(key).parent();
        var said = tree.text(parent);
        return Thoughts.open(said) || said.isBlank()
                ? Optional.of(Math.max(0, thinking.maxTokens() - tokensOfThought(tree.path(parent))))
                : Optional.empty();
    }

    /** Where the policy does not tell tokens, a few bytes count as one. */
    private static int tokensOfThought(List<Step> steps) {
        int tokens = 0;
        for (var step : steps) {
            int told = tokens(List.of(step));
            tokens += told > 0 ? told : (step.text().length() + CHARACTERS_A_TOKEN - 1) / CHARACTERS_A_TOKEN;
        }
        return tokens;
    }

    /** Takes the result of a step. One that is empty and only ends its particle has no score. */
    public Reception accept(StepKey key, Step step, Usage usage) {
        var place = stepPlaces.get(key);
        if (place == null || steps[place] != null) {
            return new Reception.Ignored();
        }
        var expansion = plan.expansions().get(place);
        var empty = emptiness(expansion, step);
        if (empty.isPresent()) {
            return refused(empty.get() + " for " + key);
        }
        replacedCharacters[place] = Texts.countUnstorable(step.text());
        steps[place] = classified(expansion, step.storable());
        missing--;
        cost = cost.plus(Cost.ofStep(usage));
        if (!plan.scored()) {
            return new Reception.Taken(List.of());
        }
        if (addsNothing(step) || isUnscoredThought(expansion, step)) {
            logOdds.set(place, List.of());
            missing--;
            return new Reception.Taken(List.of());
        }
        return new Reception.Taken(List.of(scoreKeys.get(place)));
    }

    /** Whether the step is only the end of a text that was said before: that was scored, and it is not again. */
    private static boolean addsNothing(Step step) {
        return step.text().isEmpty() && step.finishes();
    }

    private boolean isUnscoredThought(Expansion expansion, Step step) {
        return thinking.unscored()
                && expansion.extent() == Extent.STEP
                && Thoughts.open(tree.text(expansion.parent()) + step.text());
    }

    /** Why an empty step cannot be; empty if it can, or has text or tokens. */
    private Optional<String> emptiness(Expansion expansion, Step step) {
        if (expansion.extent() == Extent.GENERATION) {
            return step.text().isBlank() ? Optional.of("a generation must have a text: had none") : Optional.empty();
        }
        boolean ends = step.end() == StepEnd.END;
        if (!step.text().isEmpty() || !ends && !step.tokenIds().isEmpty()) {
            return Optional.empty();
        }
        if (tree.depth(expansion.parent()) == 0) {
            return Optional.of("a first step must have a text: had none");
        }
        return step.finishes()
                ? Optional.empty()
                : Optional.of("a step without a text must end its particle: ended as " + step.end());
    }

    /**
     * Takes that a request does not fit the context of its model. The particle ends, and the round goes on:
     *
     * <ul>
     *   <li>a step that cannot be begun or that the PRM cannot read is an empty one, cut by the context; its particle
     *       keeps the score it had;
     *   <li>a whole generation that the PRM cannot read keeps its text and has no score.
     * </ul>
     *
     * @return refused if the prompt itself does not fit; the request is still open
     */
    public Reception acceptFullContext(StepKey key) {
        boolean score = key.purpose() == Purpose.SCORE;
        var place = (score ? scorePlaces : stepPlaces).get(key);
        if (place == null || logOdds.get(place) != null || (steps[place] == null) == score) {
            return new Reception.Ignored();
        }
        var expansion = plan.expansions().get(place);
        if (!score && expansion.parent() == 0) {
            return refused("a prompt must fit the policy's context: does not, of " + key);
        }
        if (expansion.extent() == Extent.STEP) {
            missing -= score || !plan.scored() ? 1 : 2;
            steps[place] = CONTEXT_END;
            replacedCharacters[place] = 0;
        } else {
            missing--;
        }
        logOdds.set(place, List.of());
        unread += score ? 1 : 0;
        return unread == steps.length && expansion.parent() == 0
                ? refused("a prompt and its first step must fit the PRM's context: none of " + unread + " did")
                : new Reception.Taken(List.of());
    }

    /**
     * Takes the result of a score.
     *
     * @param scores log-odds of the prefix: one, or one per step, of a whole generation as many as the PRM sees;
     *     infinite for a probability of 0 or 1
     */
    public Reception accept(StepKey key, List<Double> scores, Usage usage) {
        var place = scorePlaces.get(key);
        if (place == null || steps[place] == null || logOdds.get(place) != null) {
            return new Reception.Ignored();
        }
        var expansion = plan.expansions().get(place);
        int depth = tree.depth(expansion.parent()) + 1;
        boolean counts = scores.size() == 1
                || switch (expansion.extent()) {
                    case STEP -> scores.size() == depth;
                    case GENERATION -> !scores.isEmpty();
                };
        if (!counts) {
            return refused("a score must be one number or one per step, 1 or " + depth + ": were " + scores.size()
                    + " for " + key);
        }
        if (scores.stream().anyMatch(score -> Double.isNaN(score))) {
            return refused("log-odds must be numbers: were " + scores + " for " + key);
        }
        logOdds.set(place, List.copyOf(scores));
        missing--;
        cost = cost.plus(Cost.ofScore(usage));
        return new Reception.Taken(List.of());
    }

    /** The round, once every step and every score has come. */
    public Optional<CompletedRound> completed() {
        if (missing > 0) {
            return Optional.empty();
        }
        var extensions = new ArrayList<Extension>();
        for (int place = 0; place < steps.length; place++) {
            extensions.add(new Extension(
                    plan.expansions().get(place),
                    steps[place],
                    plan.scored() ? logOdds.get(place) : List.of(),
                    replacedCharacters[place]));
        }
        return Optional.of(new CompletedRound(plan.round(), extensions, cost));
    }

    private int place(StepKey key) {
        var place = (key.purpose() == Purpose.SCORE ? scorePlaces : stepPlaces).get(key);
        if (place == null) {
            throw new IllegalArgumentException("the request must be one of round " + plan.round() + ": was " + key);
        }
        return place;
    }

    private static Reception refused(String detail) {
        return new Reception.Refused(new Refusal(Refusal.Category.BACKEND_INVALID, detail));
    }

    /*
     * The text is read from the particle's start, because a final answer may be split over two steps by
     * the step's token limit. An answer outranks a limit.
     */
    private Step classified(Expansion expansion, Step step) {
        if (step.end() == StepEnd.END) {
            return step;
        }
        int parent = expansion.parent();
        if (holdsAnswer.test(tree.text(parent) + step.text())) {
            return step.asEnd();
        }
        if (step.limit().absorbing()) {
            return step;
        }
        int tokens = tokens(tree.path(parent)) + tokens(List.of(step));
        if (tokens >= limits.maxTokens() || expansion.extent() == Extent.GENERATION) {
            return step.cutBy(StepLimit.PARTICLE_TOKENS);
        }
        return tree.depth(parent) + 1 >= limits.maxSteps() ? step.cutBy(StepLimit.PARTICLE_STEPS) : step;
    }

    /** As far as the policy told: token ids, or how many log-probabilities it summed. */
    private static int tokens(List<Step> steps) {
        int tokens = 0;
        for (var step : steps) {
            tokens += Math.max(step.tokenIds().size(), step.logProbabilityTokens());
        }
        return tokens;
    }
}
