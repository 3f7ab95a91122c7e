package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.NumericsClass;

/**
 * Who a worker is and what it serves.
 *
 * @param workerId unique for every start of a worker
 * @param role POLICY or PRM
 * @param node the address of its cluster member, for people
 * @param processId of its JVM, for people
 * @param model the name by which jobs ask for the model
 * @param sha256 of the weights in hexadecimal; of the definition where there are no weights
 * @param template how prompts are rendered
 * @param slots how many requests it runs at once; at least 1
 * @param contextTokens the longest prompt plus answer, in tokens
 */
public record WorkerAnnouncement(
        String workerId,
        Role role,
        String node,
        long processId,
        String model,
        String sha256,
        String template,
        NumericsClass numericsClass,
        int slots,
        int contextTokens) {
    public WorkerAnnouncement {
        if (slots < 1) {
            throw new IllegalArgumentException("slots must be at least 1: was " + slots);
        }
    }
}
