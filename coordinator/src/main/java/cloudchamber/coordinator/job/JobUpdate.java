package cloudchamber.coordinator.job;

import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.wire.WireMessage;
import java.util.List;

/**
 * How a job stands, for whoever follows it.
 *
 * @param job without its problems
 * @param changed the problems that started or ended since the last update; in the first one, those that run.
 *     Problems that a cancelled job never started are not among them
 */
public record JobUpdate(JobView job, List<Change> changed) implements WireMessage {
    public JobUpdate {
        changed = List.copyOf(changed);
    }

    public record Change(String problem, ProblemStatus status) {}
}
