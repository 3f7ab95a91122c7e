package cloudchamber.protocol.model;

/**
 * Names a node of a problem's prefix tree to a worker that may still hold it.
 *
 * @param node 0 is the prompt itself; at least 0
 */
public record NodeReference(String job, String problem, int node) {
    public NodeReference {
        Checks.notBlank(job, "job");
        Checks.notBlank(problem, "problem");
        Checks.atLeast(0, node, "node");
    }
}
