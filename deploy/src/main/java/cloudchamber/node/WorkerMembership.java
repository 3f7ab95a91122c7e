package cloudchamber.node;

import cloudchamber.coordinator.membership.Action;
import cloudchamber.coordinator.membership.MembershipSettings;
import cloudchamber.coordinator.membership.WorkerMachine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;

/** Makes a worker a member of its coordinators' cluster, and again when it has lost it. */
public final class WorkerMembership {
    private WorkerMembership() {}

    /** What the actor is told. */
    public sealed interface Command {}

    private enum Tick implements Command {
        TICK
    }

    private record Resolved(List<String> contacts) implements Command {}

    /** @param contacts {@code HOST:PORT} each */
    public static Behavior<Command> create(MembershipSettings settings, List<String> contacts) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.TICK, settings.renewal());
            context.getSelf().tell(Tick.TICK);
            return running(context, WorkerMachine.start(settings, contacts));
        }));
    }

    private static Behavior<Command> running(ActorContext<Command> context, WorkerMachine machine) {
        return Behaviors.receiveMessage(command -> switch (command) {
            case Tick tick -> {
                var step = machine.on(ClusterViews.view(Cluster.get(context.getSystem())), now());
                act(context, step.action());
                yield running(context, step.machine());
            }
            case Resolved(var contacts) -> {
                ClusterActions.join(context.getSystem(), contacts);
                yield Behaviors.same();
            }
        });
    }

    private static void act(ActorContext<Command> context, Action action) {
        switch (action) {
            case Action.Join(var contacts) ->
                context.pipeToSelf(
                        CompletableFuture.supplyAsync(() -> List.copyOf(Contacts.resolved(contacts))),
                        (resolved, failure) -> new Resolved(failure == null ? resolved : contacts));
            case Action.GoDown why -> ClusterActions.goDown(context.getSystem(), why);
            case Action.Wait waiting -> context.getLog().debug("waits: {}", waiting.reason());
            case Action.Found none -> throw new IllegalStateException("a worker founds nothing: " + none);
            case Action.Form none -> throw new IllegalStateException("a worker forms nothing: " + none);
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
