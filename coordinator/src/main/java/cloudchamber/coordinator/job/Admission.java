package cloudchamber.coordinator.job;

import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Bounds the problems that the jobs of one coordinator have in flight together: a job starts a problem for each
 * place it was granted, and gives the place back when the problem is over.
 */
public final class Admission extends AbstractBehavior<Admission.Command> {

    // ---- protocol

    public sealed interface Command {}

    /**
     * A job says how many places it could use, those it has included. The first word of a life makes it a job
     * with none.
     *
     * @param life the job's, which starts anew when it recovers: what was granted to an earlier one is free again
     * @param weight the job's share against others', positive
     */
    record Want(ActorRef<Granted> job, long life, int places, double weight) implements Command {}

    /** A job gives one place back. */
    record Return(ActorRef<Granted> job, long life) implements Command {}

    private record Stopped(ActorRef<Granted> job) implements Command {}

    /** @param places how many more the job may use */
    record Granted(long life, int places) {}

    // ---- creation

    /** @param places how many problems may be in flight at once, at least one */
    public static Behavior<Command> create(int places) {
        return Behaviors.supervise(Behaviors.<Command>setup(context -> new Admission(context, places)))
                .onFailure(SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), .2));
    }

    private final Shares<ActorRef<Granted>> shares;

    private Admission(ActorContext<Command> context, int places) {
        super(context);
        this.shares = new Shares<>(places);
    }

    // ---- behaviour

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder().onMessage(Command.class, this::onCommand).build();
    }

    private Behavior<Command> onCommand(Command command) {
        switch (command) {
            case Want(var job, var life, var places, var weight) -> {
                if (shares.want(job, life, places, weight)) {
                    getContext().watchWith(job, new Stopped(job));
                }
            }
            case Return(var job, var life) -> shares.giveBack(job, life);
            case Stopped(var job) -> shares.remove(job);
        }
        shares.grant().forEach(grant -> grant.to().tell(new Granted(grant.life(), grant.places())));
        return this;
    }
}
