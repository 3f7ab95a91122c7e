package cloudchamber.coordinator.method;

import cloudchamber.coordinator.method.Outcome.AnswerWeight;
import cloudchamber.coordinator.method.Outcome.Particle;
import cloudchamber.coordinator.smc.LogWeights;
import cloudchamber.protocol.model.method.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * The weighted answers of a last population. Particles without an answer keep their weight and are never
 * elected.
 *
 * @param particles in slot order; weights add up to 1
 * @param representatives for each particle the answer its equivalence class is named by, the first seen;
 *     null without one
 */
public record Election(List<Particle> particles, List<String> representatives) {

    /** The election among particles that end in {@code nodes} with shares {@code weights}, (N) both. */
    public static Election of(PrefixTree tree, List<Integer> nodes, double[] weights, Answers answers) {
        var extracted = new HashMap<Integer, Optional<String>>();
        var named = new HashMap<String, String>();
        var names = new ArrayList<String>();
        var particles = new ArrayList<Particle>();
        var representatives = new ArrayList<String>();
        for (int slot = 0; slot < nodes.size(); slot++) {
            /* A generation that the PRM could not read has no vote. */
            boolean votes = weights[slot] > 0 || !tree.isUnread(nodes.get(slot));
            var answer = votes
                    ? extracted.computeIfAbsent(nodes.get(slot), node -> answers.extract(tree.text(node)))
                    : Optional.<String>empty();
            particles.add(new Particle(nodes.get(slot), weights[slot], answer.orElse(null)));
            representatives.add(answer.map(text -> named.computeIfAbsent(text, fresh -> {
                        for (var name : names) {
                            if (answers.equivalent(name, fresh)) {
                                return name;
                            }
                        }
                        names.add(fresh);
                        return fresh;
                    }))
                    .orElse(null));
        }
        return new Election(particles, representatives);
    }

    /** The weight of each answer, heaviest first, the first seen first among equals; all on null without particles. */
    public List<AnswerWeight> posterior() {
        if (particles.isEmpty()) {
            return List.of(new AnswerWeight(null, 1));
        }
        var weights = new LinkedHashMap<String, Double>();
        for (int slot = 0; slot < particles.size(); slot++) {
            weights.merge(representatives.get(slot), particles.get(slot).weight(), Double::sum);
        }
        return weights.entrySet().stream()
                .map(entry -> new AnswerWeight(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingDouble(AnswerWeight::weight).reversed())
                .toList();
    }

    /** A particle with an answer drawn by weight; empty if none with an answer has any. */
    public OptionalInt draw(RandomGenerator random) {
        var log = new double[particles.size()];
        for (int slot = 0; slot < log.length; slot++) {
            log[slot] = representatives.get(slot) == null
                    ? Double.NEGATIVE_INFINITY
                    : StrictMath.log(particles.get(slot).weight());
        }
        return log.length == 0 || LogWeights.of(log).allDead()
                ? OptionalInt.empty()
                : OptionalInt.of(Draws.index(LogWeights.of(log), random));
    }

    /**
     * The elected answer; null if no particle has one.
     *
     * @param drawn the particle drawn for {@link Selection#DRAW}, if any
     */
    public String winner(Selection selection, OptionalInt drawn, PrefixTree tree, Potential potential) {
        return switch (selection) {
            case VOTE ->
                posterior().stream()
                        .map(AnswerWeight::answer)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
            case ARGMAX -> best(slot -> particles.get(slot).weight());
            case DRAW -> drawn.isPresent() ? representatives.get(drawn.getAsInt()) : null;
            case BEST_SCORE ->
                best(slot -> potential.logOdds(tree, particles.get(slot).node()));
        };
    }

    private String best(IntToDoubleFunction merit) {
        int best = -1;
        for (int slot = 0; slot < particles.size(); slot++) {
            if (representatives.get(slot) != null
                    && (best < 0 || merit.applyAsDouble(slot) > merit.applyAsDouble(best))) {
                best = slot;
            }
        }
        return best < 0 ? null : representatives.get(best);
    }
}
