package cloudchamber.coordinator.job;

import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import java.util.List;

/** The names of a job's events and messages. Those of classes are frozen: stored events have them. */
public final class JobNames implements SerialNames {
    @Override
    public List<SerialName> names() {
        return List.of(
                SerialName.of(
                        "job.accepted.1", JobEvent.Accepted.class, "cloudchamber.coordinator.job.JobEvent$Accepted"),
                SerialName.of(
                        "job.problem-ended.1",
                        JobEvent.ProblemEnded.class,
                        "cloudchamber.coordinator.job.JobEvent$ProblemEnded"),
                SerialName.of(
                        "job.cancelled.1", JobEvent.Cancelled.class, "cloudchamber.coordinator.job.JobEvent$Cancelled"),
                SerialName.of("job.retried.1", JobEvent.Retried.class, "cloudchamber.coordinator.job.JobEvent$Retried"),
                SerialName.of("job.deleted.1", JobEvent.Deleted.class, "cloudchamber.coordinator.job.JobEvent$Deleted"),
                SerialName.of("job.submit.1", Job.Submit.class),
                SerialName.of("job.store.1", Job.Store.class),
                SerialName.of("job.stored.1", Job.Stored.class),
                SerialName.of("job.get-view.1", Job.GetView.class),
                SerialName.of("job.cancel.1", Job.Cancel.class),
                SerialName.of("job.wake.1", Job.Wake.class),
                SerialName.of("job.follow.1", Job.Follow.class),
                SerialName.of("job.retry.1", Job.Retry.class),
                SerialName.of("job.delete.1", Job.Delete.class),
                SerialName.of("job.view-reply.1", Job.ViewReply.class),
                SerialName.of("job.view.1", JobView.class),
                SerialName.of("job.update.1", JobUpdate.class));
    }
}
