package cloudchamber.protocol.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A language small enough to enumerate, with a reward for every prefix: what the simulated backends
 * speak, so that what a cluster samples can be held against the exact law.
 *
 * <p>A path is a list of step texts, as a particle's steps are.
 */
public sealed interface FiniteLanguage {

    /** How far the probabilities of the alternatives may miss a sum of 1. */
    double SUM_TOLERANCE = 1e-9;

    /**
     * One step that may follow.
     *
     * @param text the step's text
     * @param probability in [0, 1], given the path
     * @param last whether the path ends with it
     */
    record Move(String text, double probability, boolean last) {}

    /**
     * Every step that may follow {@code path}, in a fixed order, with probabilities that sum to 1.
     *
     * @throws IllegalArgumentException if the language has no such path, or the path is finished
     */
    List<Move> moves(List<String> path);

    /**
     * The PRM's probability that {@code path} is right, in [0, 1].
     *
     * @throws IllegalArgumentException if the language has no such path or it is empty
     */
    double reward(List<String> path);

    /**
     * A hidden Markov model: a step is a state's digit, an answer the string of states.
     *
     * @param initial (S) the law of the first state; at most 10 states
     * @param transition (S × S) row s is the law of the state after s
     * @param reward (S) the PRM's probability in each state, in [0, 1]
     * @param steps T, at least 1
     */
    record Hmm(List<Double> initial, List<List<Double>> transition, List<Double> reward, int steps)
            implements FiniteLanguage {
        public Hmm {
            initial = Checks.copy(initial, "initial");
            transition = Checks.copy(transition, "transition").stream()
                    .map(List::copyOf)
                    .toList();
            reward = Checks.copy(reward, "reward");
            Checks.atLeast(1, steps, "steps");
            int states = Checks.between(1, 10, initial.size(), "the number of states");
            checkLaw(initial, "initial");
            if (transition.size() != states || reward.size() != states) {
                throw new IllegalArgumentException("transition and reward must have a row a state, " + states + ": had "
                        + transition.size() + " and " + reward.size());
            }
            for (int state = 0; state < states; state++) {
                if (transition.get(state).size() != states) {
                    throw new IllegalArgumentException("transition[" + state + "] must have " + states
                            + " entries: had " + transition.get(state).size());
                }
                checkLaw(transition.get(state), "transition[" + state + "]");
                Checks.between(0.0, 1.0, reward.get(state), "reward[" + state + "]");
            }
        }

        @Override
        public List<Move> moves(List<String> path) {
            var states = states(path);
            if (states.length >= steps) {
                throw new IllegalArgumentException(
                        "a path must be shorter than " + steps + " steps to go on: had " + states.length);
            }
            var law = states.length == 0 ? initial : transition.get(states[states.length - 1]);
            boolean last = states.length + 1 == steps;
            return IntStream.range(0, law.size())
                    .mapToObj(state -> new Move(Integer.toString(state), law.get(state), last))
                    .toList();
        }

        @Override
        public double reward(List<String> path) {
            var states = states(path);
            if (states.length == 0 || states.length > steps) {
                throw new IllegalArgumentException(
                        "a path must have 1 to " + steps + " steps to have a reward: had " + states.length);
            }
            return reward.get(states[states.length - 1]);
        }

        /** A state is one digit, so a step that holds several (a whole generation) reads the same. */
        private int[] states(List<String> path) {
            var states = String.join("", path).chars().map(digit -> digit - '0').toArray();
            for (int state : states) {
                if (state < 0 || state >= initial.size()) {
                    throw new IllegalArgumentException(
                            "a step must be a state below " + initial.size() + ": was one of " + path);
                }
            }
            return states;
        }
    }

    /**
     * One node of a tree of paths.
     *
     * @param id unique in its tree
     * @param parent an earlier node's id; null at the top
     * @param p its probability given the parent
     * @param reward the PRM's probability of the path that ends here, in [0, 1]
     * @param last whether a path ends here
     */
    record TreeNode(String id, String parent, double p, double reward, boolean last) {
        public TreeNode {
            Checks.notBlank(id, "node id");
            Checks.between(0.0, 1.0, p, "p of node " + id);
            Checks.between(0.0, 1.0, reward, "reward of node " + id);
        }
    }

    /** A tree of paths of unequal lengths; an answer is the path, as in {@code A.A1}. */
    final class Tree implements FiniteLanguage {
        private static final String TOP = "";
        private final List<TreeNode> nodes;
        private final Map<String, TreeNode> byPath = new HashMap<>();
        private final Map<String, List<Move>> movesByPath = new HashMap<>();

        /**
         * @param nodes every node after its parent
         * @throws IllegalArgumentException if ids or paths repeat, a parent is unknown or final, the children of
         *     a node do not sum to 1, or a path neither ends nor goes on
         */
        public Tree(List<TreeNode> nodes) {
            this.nodes = Checks.copy(nodes, "nodes");
            var pathById = new HashMap<String, String>();
            var children = new HashMap<String, ArrayList<Move>>();
            for (var node : nodes) {
                boolean top = node.parent() == null;
                var above = top ? TOP : pathById.get(node.parent());
                if (above == null) {
                    throw new IllegalArgumentException("the parent of node \"" + node.id()
                            + "\" must stand before it: \"" + node.parent() + "\" does not");
                }
                if (!top && byPath.get(above).last()) {
                    throw new IllegalArgumentException(
                            "a final node has no children: \"" + node.parent() + "\" has \"" + node.id() + "\"");
                }
                var text = top ? node.id() : "." + node.id();
                var path = above + text;
                if (pathById.put(node.id(), path) != null) {
                    throw new IllegalArgumentException("node ids must differ: \"" + node.id() + "\" stands twice");
                }
                if (byPath.put(path, node) != null) {
                    throw new IllegalArgumentException("paths must differ: \"" + path
                            + "\" is the path of two nodes, one is \"" + node.id() + "\"");
                }
                children.computeIfAbsent(above, key -> new ArrayList<>()).add(new Move(text, node.p(), node.last()));
            }
            children.forEach((path, moves) -> {
                checkLaw(moves.stream().map(Move::probability).toList(), "children of \"" + path + "\"");
                movesByPath.put(path, List.copyOf(moves));
            });
            var open = new HashSet<>(byPath.keySet());
            open.add(TOP);
            open.removeIf(path -> movesByPath.containsKey(path)
                    || !path.equals(TOP) && byPath.get(path).last());
            if (!open.isEmpty()) {
                throw new IllegalArgumentException("every path must end in a final node: these do not: " + open);
            }
        }

        public List<TreeNode> nodes() {
            return nodes;
        }

        @Override
        public List<Move> moves(List<String> path) {
            var moves = movesByPath.get(String.join("", path));
            if (moves == null) {
                throw new IllegalArgumentException("a path of the tree must be open to go on: was " + path);
            }
            return moves;
        }

        @Override
        public double reward(List<String> path) {
            var node = byPath.get(String.join("", path));
            if (node == null) {
                throw new IllegalArgumentException("a prefix must be a path of the tree: was " + path);
            }
            return node.reward();
        }
    }

    private static void checkLaw(List<Double> law, String name) {
        double sum = 0;
        for (double probability : law) {
            sum += Checks.between(0.0, 1.0, probability, name);
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IllegalArgumentException(name + " must sum to 1: sums to " + sum);
        }
    }
}
