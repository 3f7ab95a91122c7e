package cloudchamber.coordinator.dispatch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Who holds which nodes of one problem's prefix tree in its cache, as far as a dispatcher has seen. */
final class PrefixHolders {
    /*
     * A worker that holds a node has read all that leads to it, and siblings share most of that: what a worker
     * has to read for a node is what lies below the deepest ancestor it holds.
     */
    private static final int MAX_NODES = 1 << 16;
    /** Workers remembered as holders of one node. */
    private static final int MAX_HOLDERS = 8;

    private static final int CHARACTERS_A_TOKEN = 4;
    private static final int NONE = -1;

    /** What is known of a node. */
    private static final class Node {
        int parent = NONE;
        long tokens;
        final List<String> holders = new ArrayList<>(1);

        boolean isHeldByAny(Predicate<String> worker) {
            for (var holder : holders) {
                if (worker.test(holder)) {
                    return true;
                }
            }
            return false;
        }
    }

    private final Map<Integer, Node> nodes = new HashMap<>();

    /** Learns from a request where its node hangs, and how long the prefix above it is. */
    void learn(Work work) {
        int parent = work.held().node();
        if (work instanceof Work.Extension && nodes.size() < MAX_NODES) {
            node(work.node().node()).parent = parent;
            node(parent).tokens = tokens(work);
        }
    }

    private Node node(int number) {
        return nodes.computeIfAbsent(number, first -> new Node());
    }

    boolean holds(String workerId, int number) {
        var node = nodes.get(number);
        return node != null && node.holders.contains(workerId);
    }

    void hold(String workerId, int number) {
        if (nodes.size() < MAX_NODES) {
            var holders = node(number).holders;
            if (!holders.contains(workerId)) {
                if (holders.size() >= MAX_HOLDERS) {
                    holders.removeFirst();
                }
                holders.add(workerId);
            }
        }
    }

    /** The worker does not hold the node after all. */
    void forget(String workerId, int number) {
        var node = nodes.get(number);
        if (node != null) {
            node.holders.remove(workerId);
        }
    }

    /** The worker is gone. */
    void forget(String workerId) {
        nodes.values().forEach(node -> node.holders.remove(workerId));
    }

    /** How many tokens the worker has to read before it can go on from the node; 0 only if it holds it. */
    long tokensToRead(String workerId, int number) {
        return tokensToRead(number, workerId::equals);
    }

    /** The same for the best of those workers that hold something of it; all of it if none does. */
    long tokensToRead(int number, Predicate<String> worker) {
        var node = nodes.get(number);
        if (node == null) {
            return 0;
        }
        for (var above = node; above != null; above = nodes.get(above.parent)) {
            if (above.isHeldByAny(worker)) {
                return above == node ? 0 : Math.max(1, node.tokens - above.tokens);
            }
        }
        return Math.max(1, node.tokens);
    }

    private static long tokens(Work work) {
        long tokens = work.prompt().messages().stream()
                        .mapToLong(message -> message.content().length())
                        .sum()
                / CHARACTERS_A_TOKEN;
        for (var step : work.prefix()) {
            tokens += step.tokenIds().isEmpty()
                    ? step.text().length() / CHARACTERS_A_TOKEN
                    : step.tokenIds().size();
        }
        return tokens;
    }
}
