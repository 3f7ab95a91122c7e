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
 * The texts a worker has seen, by node, so that a child's request need not repeat them. Bounded; what was
 * not used for longest goes first. Not safe for threads.
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

        /** One step further down. */
        public Prefix plus(PrefixStep step) {
            var longer = new ArrayList<>(steps);
            longer.add(step);
            return new Prefix(prompt, longer);
        }
    }

    private final long maxBytes;
    private final Map<NodeReference, Prefix> prefixes = new LinkedHashMap<>(16, .75f, true);
    private long bytes;

    /**
     * @param maxBytes about how much memory it may take
     */
    public PrefixStore(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Keeps what a coordinator says of a node. */
    public void told(NodeReference node, Prefix prefix) {
        var before = prefixes.put(node, prefix);
        bytes += cost(prefix) - (before == null ? 0 : cost(before));
        makeRoom();
    }

    /** Keeps what this worker drew below {@code parent}. */
    public void drawn(NodeReference node, NodeReference parent, PrefixStep step) {
        var above = prefixes.get(parent);
        if (above != null && !prefixes.containsKey(node)) {
            told(node, above.plus(step));
        }
    }

    /** What is kept of a node, if it is what is meant. */
    public Optional<Prefix> find(NodeReference node, long digest) {
        return Optional.ofNullable(prefixes.get(node)).filter(prefix -> PrefixStep.digest(prefix.steps()) == digest);
    }

    private void makeRoom() {
        var oldest = prefixes.entrySet().iterator();
        while (bytes > maxBytes && oldest.hasNext()) {
            bytes -= cost(oldest.next().getValue());
            oldest.remove();
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
