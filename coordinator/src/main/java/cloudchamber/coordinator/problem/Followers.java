package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.Population;
import cloudchamber.coordinator.method.PrefixTree;
import cloudchamber.coordinator.problem.ProblemUpdate.Best;
import cloudchamber.coordinator.problem.ProblemUpdate.Chain;
import cloudchamber.coordinator.problem.ProblemUpdate.EndParticle;
import cloudchamber.coordinator.problem.ProblemUpdate.EndView;
import cloudchamber.coordinator.problem.ProblemUpdate.NodeView;
import cloudchamber.coordinator.problem.ProblemUpdate.RoundView;
import cloudchamber.coordinator.problem.ProblemView.PosteriorWeight;
import cloudchamber.coordinator.smc.LogWeights;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.pekko.actor.typed.ActorRef;

/** Who follows a problem, and what they are told. Costs nothing while nobody does. */
final class Followers {
    /** What one round's texts may add up to, in characters, so that it fits a frame between nodes. */
    private static final int MAX_ROUND_CHARACTERS = 500_000;

    private static final int MIN_STEP_CHARACTERS = 200;

    private final Map<ActorRef<ProblemUpdate>, Boolean> wantsSteps = new LinkedHashMap<>();
    private final Map<Integer, Optional<String>> answers = new HashMap<>();

    /** @param steps whether it wants the steps of each round */
    void add(ActorRef<ProblemUpdate> follower, boolean steps) {
        wantsSteps.put(follower, steps);
    }

    void remove(ActorRef<ProblemUpdate> follower) {
        wantsSteps.remove(follower);
    }

    void clear() {
        wantsSteps.clear();
        answers.clear();
    }

    /** Tells all that the problem has started. */
    void tellStarted(ProblemState.Running running) {
        tell(opened(running, ProblemStatus.RUNNING));
    }

    /** Tells all of the last round. */
    void tellRound(ProblemState.Running running) {
        if (!wantsSteps.isEmpty() && !running.rounds().isEmpty()) {
            int last = running.rounds().size() - 1;
            var brief = wantsSteps.containsValue(false) ? round(running, last, false) : null;
            var whole = wantsSteps.containsValue(true) ? round(running, last, true) : null;
            wantsSteps.forEach((follower, steps) -> follower.tell(steps ? whole : brief));
        }
    }

    /** Tells all how it ended. */
    void tellEnd(ProblemState.Ended ended) {
        if (!wantsSteps.isEmpty()) {
            tell(end(ended));
        }
    }

    /** The same object to all: it is made once, however many follow. */
    private void tell(ProblemUpdate update) {
        wantsSteps.keySet().forEach(follower -> follower.tell(update));
    }

    /** Tells one what happened after a round. */
    void catchUp(
            ActorRef<ProblemUpdate> follower,
            int afterRound,
            boolean steps,
            ProblemState.Running running,
            ProblemStatus status) {
        follower.tell(opened(running, status));
        for (int index = 0; index < running.rounds().size(); index++) {
            if (running.rounds().get(index).round() > afterRound) {
                follower.tell(round(running, index, steps));
            }
        }
    }

    static ProblemUpdate end(ProblemState.Ended ended) {
        var running = ended.last();
        var outcome = running.run().outcome();
        var view = ProblemView.of(ended);
        var particles = outcome.map(Outcome::particles).orElse(List.of());
        return new ProblemUpdate.Ended(
                running.specification().problem(),
                new EndView(
                        ended.status(),
                        view.answer(),
                        outcome.map(Outcome::posterior).orElse(List.of()).stream()
                                .map(weight -> new PosteriorWeight(weight.answer(), weight.weight()))
                                .toList(),
                        view.logEvidence(),
                        view.noEvidence(),
                        particles.stream()
                                .map(particle -> new EndParticle(particle.node(), particle.weight(), particle.answer()))
                                .toList(),
                        selected(grader(running), particles, view.answer()),
                        outcome.map(Outcome::stopped)
                                .map(reason ->
                                        reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                                .orElse(null),
                        view.failure(),
                        view.cost()));
    }

    private static Integer selected(Grader grader, List<Outcome.Particle> particles, String answer) {
        return particles.stream()
                .filter(particle -> answer != null && particle.answer() != null)
                .filter(particle -> particle.answer().equals(answer) || grader.equivalent(particle.answer(), answer))
                .max(Comparator.comparingDouble(Outcome.Particle::weight))
                .map(Outcome.Particle::node)
                .orElse(null);
    }

    private static ProblemUpdate opened(ProblemState.Running running, ProblemStatus status) {
        var rounds = running.rounds();
        return new ProblemUpdate.Opened(
                running.specification().problem(),
                status,
                rounds.isEmpty() ? -1 : rounds.getLast().round());
    }

    private ProblemUpdate round(ProblemState.Running running, int index, boolean steps) {
        var closed = running.rounds().get(index);
        var chains = closed.populations().stream()
                .map(population -> chain(running, population))
                .toList();
        var cost = running.rounds().subList(0, index + 1).stream()
                .map(MethodEvent.RoundClosed::cost)
                .reduce(Cost.NONE, Cost::plus);
        return new ProblemUpdate.RoundClosed(
                running.specification().problem(),
                new RoundView(
                        closed.round(),
                        chains,
                        steps ? nodes(running.run().tree(), closed.nodes()) : List.of(),
                        best(running, chains),
                        cost));
    }

    private static Chain chain(ProblemState.Running running, Population population) {
        return new Chain(
                population.chain(),
                population.iteration(),
                population.nodes(),
                DoubleStream.of(LogWeights.of(population.logWeights()).normalised())
                        .boxed()
                        .toList(),
                population.temperature(),
                population.ess(),
                population.resampled(),
                population.ancestors(),
                population.logEvidence(),
                (int) population.nodes().stream()
                        .filter(running.run().tree()::finished)
                        .count());
    }

    private static List<NodeView> nodes(PrefixTree tree, List<Node> nodes) {
        int maxCharacters = Math.max(MIN_STEP_CHARACTERS, MAX_ROUND_CHARACTERS / Math.max(1, nodes.size()));
        return nodes.stream().map(node -> node(tree, node, maxCharacters)).toList();
    }

    private static NodeView node(PrefixTree tree, Node node, int maxCharacters) {
        var text = node.step().text();
        boolean cut = text.length() > maxCharacters;
        return new NodeView(
                node.id(),
                node.parent(),
                node.depth(),
                cut ? beginning(text, maxCharacters) : text,
                cut,
                node.logOdds().isEmpty() ? null : node.logOdds().getLast(),
                node.step().end(),
                tree.thoughts(node.id()));
    }

    /** The first characters of a text, no surrogate pair torn. */
    private static String beginning(String text, int characters) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(characters - 1)) ? characters - 1 : characters);
    }

    private Best best(ProblemState.Running running, List<Chain> chains) {
        var grader = grader(running);
        var groups = new ArrayList<Best>();
        for (var chain : chains) {
            for (int index = 0; index < chain.nodes().size(); index++) {
                double weight = chain.weights().get(index) / chains.size();
                answer(running, chain.nodes().get(index)).ifPresent(answer -> add(groups, grader, answer, weight));
            }
        }
        return groups.stream().max(Comparator.comparingDouble(Best::weight)).orElse(null);
    }

    private static void add(List<Best> groups, Grader grader, String answer, double weight) {
        for (int index = 0; index < groups.size(); index++) {
            var group = groups.get(index);
            if (group.answer().equals(answer) || grader.equivalent(group.answer(), answer)) {
                groups.set(index, new Best(group.answer(), group.weight() + weight));
                return;
            }
        }
        groups.add(new Best(answer, weight));
    }

    private Optional<String> answer(ProblemState.Running running, int node) {
        var tree = running.run().tree();
        return tree.finished(node)
                ? answers.computeIfAbsent(
                        node, finished -> running.specification().answers().extract(tree.text(finished)))
                : Optional.empty();
    }

    private static Grader grader(ProblemState.Running running) {
        return running.specification().foundBy();
    }
}
