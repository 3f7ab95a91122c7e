package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.SweepPlan;
import cloudchamber.coordinator.sweep.SweepSpecification;
import cloudchamber.coordinator.sweep.SweepStatus;
import cloudchamber.coordinator.sweep.SweepView;
import java.time.Instant;
import java.util.List;

/**
 * A sweep in JSON.
 *
 * @param counts of the problems of all its jobs
 * @param acceptedAt as ISO 8601 has it, in UTC
 * @param changedAt when it was last submitted, paused, resumed, cancelled, or ended
 */
public record SweepDocument(
        String id,
        String name,
        SweepStatus status,
        Counts counts,
        String acceptedAt,
        String changedAt,
        List<DataSet.Summary> dataSets,
        List<SweepPlan.Cell> cells,
        List<SweepView.JobLine> jobs,
        List<SweepSpecification.Skipped> skipped) {

    public record Counts(long total, long queued, long running, long succeeded, long failed, long cancelled) {}

    /** A sweep in a list. */
    public record Line(String id, String name, SweepStatus status, Counts counts, int cells, String acceptedAt) {}

    Line line() {
        return new Line(id, name, status, counts, cells.size(), acceptedAt);
    }

    static SweepDocument of(SweepView sweep) {
        var counts = new long[6];
        for (var job : sweep.jobs()) {
            counts[0] += job.counts().total();
            counts[1] += job.counts().queued();
            counts[2] += job.counts().running();
            counts[3] += job.counts().succeeded();
            counts[4] += job.counts().failed();
            counts[5] += job.counts().cancelled();
        }
        return new SweepDocument(
                sweep.id(),
                sweep.name(),
                sweep.status(),
                new Counts(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]),
                Instant.ofEpochMilli(sweep.acceptedAtMillis()).toString(),
                Instant.ofEpochMilli(sweep.changedAtMillis()).toString(),
                sweep.dataSets(),
                sweep.cells(),
                sweep.jobs(),
                sweep.skipped());
    }
}
