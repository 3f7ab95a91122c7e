package cloudchamber.worker;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts a worker has seen, by node, so that a child's request need not repeat them. Bounded; the nodes of
 * the problem that was not used for longest go first. Not safe for threads.
 */
public final class PrefixStore {
    /*
     * What a coordinator said is the truth, and replaces what was kept. What this worker drew itself is only
     * kept where nothing is: the coordinator may have taken another worker's draw of the same step.
     */
    private static final int BYTES_AN_ENTRY = 256;
    private static final int BYTES_A_TOKEN = 20;

    /** A prompt and every step down to a node. */
    public record Prefix(Prompt prompt, List<PrefixStep> steps) {
        public Prefix {
            steps = List.copyOf(steps);
        }

        /** One step further up; empty at the root. */
        public Optional<Prefix> parent() {
            return steps.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Prefix(prompt, steps.subList(0, steps.size() - 1)));
        }

        /** One step further down. */
        public Prefix plus(PrefixStep step) {
            var longer = new ArrayList<>(steps);
            longer.add(step);
            return new Prefix(prompt, longer);
        }
    }

    private record ProblemName(String job, String problem) {
        static ProblemName of(NodeReference node) {
            return new ProblemName(node.job(), node.problem());
        }
    }

    private record StoredPrefix(Prefix prefix, long digest, long bytes) {
        static StoredPrefix of(Prefix prefix) {
            return new StoredPrefix(prefix, PrefixStep.digest(prefix.steps()), cost(prefix));
        }
    }

    private final long maxBytes;
    private final Map<ProblemName, Map<Integer, StoredPrefix>> problems = byUse();
    private long bytes;

    /**
     * @param maxBytes about how much memory it may take
     */
    public PrefixStore(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** A map that begins with what was not used for longest. */
    private static <K, V> Map<K, V> byUse() {
        return new LinkedHashMap<>(16, .75f, true);
    }

    /** Keeps what a coordinator says of a node. */
    public void told(NodeReference node, Prefix prefix) {
        keep(problems.computeIfAbsent(ProblemName.of(node), first -> byUse()), node.node(), prefix);
    }

    /** Keeps what this worker drew below {@code parent}. */
    public void drawn(NodeReference node, NodeReference parent, PrefixStep step) {
        var nodes = problems.get(ProblemName.of(parent));
        if (nodes != null && !nodes.containsKey(node.node())) {
            var above = nodes.get(parent.node());
            if (above != null) {
                keep(nodes, node.node(), above.prefix().plus(step));
            }
        }
    }

    private void keep(Map<Integer, StoredPrefix> nodes, int node, Prefix prefix) {
        var kept = StoredPrefix.of(prefix);
        var before = nodes.put(node, kept);
        bytes += kept.bytes() - (before == null ? 0 : before.bytes());
        makeRoom();
    }

    /** What is kept of a node, if it is what is meant. */
    public Optional<Prefix> find(NodeReference node, long digest) {
        var nodes = problems.get(ProblemName.of(node));
        var kept = nodes == null ? null : nodes.get(node.node());
        return kept == null || kept.digest() != digest ? Optional.empty() : Optional.of(kept.prefix());
    }

    private void makeRoom() {
        while (bytes > maxBytes && !problems.isEmpty()) {
            var oldest = problems.values().iterator();
            var nodes = oldest.next().values().iterator();
            while (bytes > maxBytes && nodes.hasNext()) {
                bytes -= nodes.next().bytes();
                nodes.remove();
            }
            if (!nodes.hasNext()) {
                oldest.remove();
            }
        }
    }

    /** Steps above the last are shared with the entries above; the prompt's text with all of its problem. */
    private static long cost(Prefix prefix) {
        long references = 8L * prefix.steps().size();
        if (prefix.steps().isEmpty()) {
            return BYTES_AN_ENTRY + 2L * prefix.prompt().lastQuestion().length();
        }
        var last = prefix.steps().getLast();
        return BYTES_AN_ENTRY
                + references
                + 2L * last.text().length()
                + (long) BYTES_A_TOKEN * last.tokenIds().size();
    }
}
