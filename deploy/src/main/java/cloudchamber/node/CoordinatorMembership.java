package cloudchamber.node;

import cloudchamber.coordinator.journal.MembershipStore;
import cloudchamber.coordinator.membership.Action;
import cloudchamber.coordinator.membership.MembershipMachine;
import cloudchamber.coordinator.membership.MembershipMachine.Input;
import cloudchamber.coordinator.membership.MembershipSettings;
import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.coordinator.membership.Register;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;

/**
 * Makes a coordinator a member of the one cluster of its database. It renews its entry there for as long as it lives,
 * one transaction at a time.
 */
public final class CoordinatorMembership {
    private final ActorContext<Command> context;
    private final MembershipStore store;
    private final NodeId self;
    private final String version;
    private boolean databaseAnswers = true;

    /** What the actor is told. */
    public sealed interface Command {}

    private enum Tick implements Command {
        TICK
    }

    private record Answered(Input input) implements Command {}

    /** Another coordinator was faster, or a member has shown itself. */
    private enum NotFounded implements Command {
        NOT_FOUNDED
    }

    private CoordinatorMembership(ActorContext<Command> context, MembershipStore store, String version) {
        this.context = context;
        this.store = store;
        this.self = ClusterViews.self(cluster(context));
        this.version = version;
    }

    /**
     * @param store of the database that the coordinators share
     * @param version of the program, for people
     */
    public static Behavior<Command> create(MembershipStore store, MembershipSettings settings, String version) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.TICK, settings.renewal());
            context.getSelf().tell(Tick.TICK);
            var membership = new CoordinatorMembership(context, store, version);
            return membership.idle(MembershipMachine.start(settings, membership.self));
        }));
    }

    private Behavior<Command> idle(MembershipMachine machine) {
        return Behaviors.receiveMessage(command -> switch (command) {
            case Tick tick -> {
                renew(machine.epoch());
                yield asking(machine);
            }
            case Answered late -> Behaviors.same();
            case NotFounded late -> Behaviors.same();
        });
    }

    /** While the database is asked, which takes a few seconds at most. */
    private Behavior<Command> asking(MembershipMachine machine) {
        return Behaviors.receiveMessage(command -> switch (command) {
            case Tick later -> Behaviors.same();
            case NotFounded no -> idle(machine);
            case Answered(var input) -> {
                tellOfTheDatabase(input);
                var step = machine.on(input, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
                yield act(step.action()) ? asking(step.machine()) : idle(step.machine());
            }
        });
    }

    /** When it stops to answer, and when it answers again. */
    private void tellOfTheDatabase(Input input) {
        boolean answers = !(input instanceof Input.Unanswered);
        if (answers != databaseAnswers) {
            databaseAnswers = answers;
            context.getLog()
                    .warn(answers ? "the database answers again" : "the database does not answer: membership waits");
        }
    }

    /** Whether the database is asked again. */
    private boolean act(Action action) {
        switch (action) {
            case Action.Found found -> {
                found(found);
                return true;
            }
            case Action.Wait waiting -> context.getLog().debug("waits: {}", waiting.reason());
            case Action.Join(var contacts) -> ClusterActions.join(context.getSystem(), contacts);
            case Action.Form form -> ClusterActions.form(context.getSystem());
            case Action.GoDown why -> ClusterActions.goDown(context.getSystem(), why);
        }
        return false;
    }

    private void renew(long epoch) {
        var view = ClusterViews.view(cluster(context));
        CompletionStage<Register> renewed = store.change(register -> {
            var changed = register.renewed(self, version, epoch, view.reachable());
            return new MembershipStore.Changed<>(changed, changed);
        });
        context.pipeToSelf(renewed, (register, failure) -> {
            return new Answered(failure == null ? new Input.Renewed(register, view) : new Input.Unanswered());
        });
    }

    private void found(Action.Found found) {
        CompletionStage<OptionalLong> founded = store.change(register -> register.founded(
                        self, version, found.expectedEpoch(), found.expectedSeenMillis())
                .map(changed -> new MembershipStore.Changed<>(changed, OptionalLong.of(changed.epoch())))
                .orElseGet(() -> new MembershipStore.Changed<>(register, OptionalLong.empty())));
        context.pipeToSelf(
                founded,
                (epoch, failure) -> failure == null && epoch.isPresent()
                        ? new Answered(new Input.Founded(epoch.getAsLong()))
                        : NotFounded.NOT_FOUNDED);
    }

    private static Cluster cluster(ActorContext<?> context) {
        return Cluster.get(context.getSystem());
    }
}
