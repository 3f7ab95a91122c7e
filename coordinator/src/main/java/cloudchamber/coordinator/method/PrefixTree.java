package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.Thoughts;
import java.util.Arrays;
import java.util.List;

/**
 * Everything that was generated for one problem, each step once. Node 0 is the prompt; a particle is the
 * id of the node it ends in. Immutable.
 */
public final class PrefixTree {
    /** The prompt alone. */
    public static final PrefixTree EMPTY = new PrefixTree(new Node[0]);

    private final Node[] nodes; // node i stands at i - 1

    private PrefixTree(Node[] nodes) {
        this.nodes = nodes;
    }

    /** How many nodes there are, the prompt included; the id of the next one. */
    public int size() {
        return nodes.length + 1;
    }

    /**
     * The step at {@code id}.
     *
     * @param id in [1, size)
     */
    public Node node(int id) {
        return nodes[id - 1];
    }

    /** The tree with more nodes, numbered on from {@link #size}, parents before children. */
    public PrefixTree plus(List<Node> more) {
        var all = Arrays.copyOf(nodes, nodes.length + more.size());
        for (int i = 0; i < more.size(); i++) {
            var node = more.get(i);
            int id = nodes.length + i + 1;
            if (node.id() != id || node.parent() < 0 || node.parent() >= id) {
                throw new IllegalArgumentException(
                        "node " + id + " must come next, after its parent: was " + node.id() + " of " + node.parent());
            }
            all[id - 1] = node;
        }
        return new PrefixTree(all);
    }

    /** The nodes from the first step to {@code id}; none for the prompt. */
    public List<Node> lineage(int id) {
        var lineage = new Node[depth(id)];
        for (int at = id; at != 0; at = node(at).parent()) {
            lineage[depth(at) - 1] = node(at);
        }
        return List.of(lineage);
    }

    /** The steps from the first to {@code id}; none for the prompt. */
    public List<Step> path(int id) {
        var path = new Step[depth(id)];
        for (int at = id; at != 0; at = node(at).parent()) {
            path[depth(at) - 1] = node(at).step();
        }
        return List.of(path);
    }

    /** All that was said up to {@code id}, the prompt not included. */
    public String text(int id) {
        var text = new StringBuilder();
        for (var node : lineage(id)) {
            text.append(node.step().text());
        }
        return text.toString();
    }

    /** The last node up to {@code id} that was scored; 0 if none was. */
    int scored(int id) {
        int at = id;
        while (at != 0 && node(at).logOdds().isEmpty()) {
            at = node(at).parent();
        }
        return at;
    }

    /** Whether the text that ends in {@code id} is over, and was too long for the PRM to read any of it. */
    public boolean isUnread(int id) {
        int at = standing(id);
        return at != 0
                && scored(at) == 0
                && node(at).step().finishes()
                && !node(at).step().text().isEmpty();
    }

    /** The last node up to {@code id}, not the prompt, that added text: another than {@code id} if that only ends a text. */
    int spoken(int id) {
        int at = id;
        while (node(at).depth() > 1
                && (node(at).isContextEnd()
                        || node(at).step().end() == StepEnd.END
                                && node(at).step().text().isEmpty())) {
            at = node(at).parent();
        }
        return at;
    }

    /** Where the text of {@code id} is thought. */
    public List<Thoughts.Span> thoughts(int id) {
        var node = node(id);
        return Thoughts.spans(text(node.parent()), node.step().text());
    }

    /** The steps up to {@code id}; 0 for the prompt. */
    public int depth(int id) {
        return id == 0 ? 0 : node(id).depth();
    }

    /** The last node down to {@code id} that has a text of its own: where a particle that met a full context stands. */
    public int standing(int id) {
        return id != 0 && node(id).isContextEnd() ? node(id).parent() : id;
    }

    /** Whether a particle that ends in {@code id} has no next step. */
    public boolean finished(int id) {
        return id != 0 && node(id).step().finishes();
    }
}
