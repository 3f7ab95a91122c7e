package cloudchamber.coordinator.sweep;

import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import java.util.List;

/** The names of the events and messages of sweeps and data sets. Those of classes are frozen: stored events have them. */
public final class SweepNames implements SerialNames {
    @Override
    public List<SerialName> names() {
        return List.of(
                SerialName.of(
                        "sweep.accepted.1",
                        SweepEvent.Accepted.class,
                        "cloudchamber.coordinator.sweep.SweepEvent$Accepted"),
                SerialName.of(
                        "sweep.paused.1", SweepEvent.Paused.class, "cloudchamber.coordinator.sweep.SweepEvent$Paused"),
                SerialName.of(
                        "sweep.resumed.1",
                        SweepEvent.Resumed.class,
                        "cloudchamber.coordinator.sweep.SweepEvent$Resumed"),
                SerialName.of(
                        "sweep.cancelled.1",
                        SweepEvent.Cancelled.class,
                        "cloudchamber.coordinator.sweep.SweepEvent$Cancelled"),
                SerialName.of(
                        "sweep.ended.1", SweepEvent.Ended.class, "cloudchamber.coordinator.sweep.SweepEvent$Ended"),
                SerialName.of(
                        "data-set.registered.1",
                        DataSetEvent.Registered.class,
                        "cloudchamber.coordinator.sweep.DataSetEvent$Registered"),
                SerialName.of("sweep.submit.1", Sweep.Submit.class),
                SerialName.of("sweep.get-view.1", Sweep.GetView.class),
                SerialName.of("sweep.get-specification.1", Sweep.GetSpecification.class),
                SerialName.of("sweep.pause.1", Sweep.Pause.class),
                SerialName.of("sweep.resume.1", Sweep.Resume.class),
                SerialName.of("sweep.cancel.1", Sweep.Cancel.class),
                SerialName.of("sweep.retry.1", Sweep.Retry.class),
                SerialName.of("sweep.follow.1", Sweep.Follow.class),
                SerialName.of("sweep.view-reply.1", Sweep.ViewReply.class),
                SerialName.of("sweep.specification-reply.1", Sweep.SpecificationReply.class),
                SerialName.of("sweep.view.1", SweepView.class),
                SerialName.of("data-set.put.1", DataSets.Put.class),
                SerialName.of("data-set.get-list.1", DataSets.GetList.class),
                SerialName.of("data-set.get-part.1", DataSets.GetPart.class),
                SerialName.of("data-set.put-reply.1", DataSets.PutReply.class),
                SerialName.of("data-set.list-reply.1", DataSets.ListReply.class),
                SerialName.of("data-set.part-reply.1", DataSets.PartReply.class));
    }
}
