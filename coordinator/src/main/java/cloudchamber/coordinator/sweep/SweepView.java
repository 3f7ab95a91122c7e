package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.protocol.wire.WireMessage;
import java.util.List;

/**
 * A sweep as people see it.
 *
 * @param cells in order, each with the id of the job that serves it
 * @param jobs in the order they are started
 * @param skipped combinations of the grid that cannot run
 */
public record SweepView(
        String id,
        String name,
        SweepStatus status,
        long acceptedAtMillis,
        long changedAtMillis,
        List<DataSet.Summary> dataSets,
        List<SweepPlan.Cell> cells,
        List<JobLine> jobs,
        List<SweepSpecification.Skipped> skipped)
        implements WireMessage {

    /** @param counts of its problems; all of them queued until it was started */
    public record JobLine(String id, String dataSet, JobStatus status, JobView.Counts counts) {}
}
