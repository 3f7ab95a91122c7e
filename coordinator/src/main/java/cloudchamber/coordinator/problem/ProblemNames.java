package cloudchamber.coordinator.problem;

import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import java.util.List;

/** The names of a problem's events and messages. Those of classes are frozen: stored events have them. */
public final class ProblemNames implements SerialNames {
    @Override
    public List<SerialName> names() {
        return List.of(
                SerialName.of(
                        "problem.started.1",
                        ProblemEvent.Started.class,
                        "cloudchamber.coordinator.problem.ProblemEvent$Started"),
                SerialName.of(
                        "problem.advanced.1",
                        ProblemEvent.Advanced.class,
                        "cloudchamber.coordinator.problem.ProblemEvent$Advanced"),
                SerialName.of(
                        "problem.ended.1",
                        ProblemEvent.Ended.class,
                        "cloudchamber.coordinator.problem.ProblemEvent$Ended"),
                SerialName.of("problem.start.1", Problem.Start.class),
                SerialName.of("problem.get-view.1", Problem.GetView.class),
                SerialName.of("problem.cancel.1", Problem.Cancel.class),
                SerialName.of("problem.follow.1", Problem.Follow.class),
                SerialName.of("problem.over.1", Problem.Over.class),
                SerialName.of("problem.view-reply.1", Problem.ViewReply.class),
                SerialName.of("problem.view.1", ProblemView.class),
                SerialName.of("problem-update.opened.1", ProblemUpdate.Opened.class),
                SerialName.of("problem-update.round-closed.1", ProblemUpdate.RoundClosed.class),
                SerialName.of("problem-update.ended.1", ProblemUpdate.Ended.class));
    }
}
