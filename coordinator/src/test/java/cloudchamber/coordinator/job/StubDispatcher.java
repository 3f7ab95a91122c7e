package cloudchamber.coordinator.job;

import cloudchamber.coordinator.dispatch.DispatchCounts;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** A dispatcher that knows workers and does nothing with them. */
final class StubDispatcher {
    private StubDispatcher() {}

    /** @param workers asked for at each question */
    static Behavior<Dispatcher.Command> create(Supplier<List<Dispatcher.WorkerLine>> workers) {
        return Behaviors.receiveMessage(command -> {
            if (command instanceof Dispatcher.GetStatus(var replyTo)) {
                replyTo.tell(new Dispatcher.Status(workers.get(), Map.of(), Map.of(), DispatchCounts.NONE));
            }
            return Behaviors.same();
        });
    }

    /** One that takes work. */
    static Dispatcher.WorkerLine worker(Role role, String model) {
        return worker(role, model, false, false, false);
    }

    static Dispatcher.WorkerLine worker(Role role, String model, boolean silent, boolean draining, boolean ejected) {
        return new Dispatcher.WorkerLine(
                new WorkerAnnouncement(
                        role + model,
                        role,
                        "here",
                        1,
                        model,
                        "00",
                        "none",
                        new NumericsClass("simulated", "any", "00", "exact"),
                        4,
                        100),
                new WorkerStatus(0, 0, 0, 0, 0, 0, "", 0, draining),
                0,
                4,
                silent,
                ejected);
    }
}
