package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.DispatcherMessage;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.Score;
import cloudchamber.protocol.wire.Scored;
import cloudchamber.protocol.wire.ServiceKeys;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerControl;
import cloudchamber.protocol.wire.WorkerStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;

/** The actor around {@link DispatchCore}: turns messages into calls and effects into messages. */
public final class Dispatcher {

    // ---- protocol

    public sealed interface Command {}

    /**
     * Work of one problem. Repeats of work under way change nothing but the address of the answers.
     *
     * @param order the problem's age: smaller is older and served first
     * @param weight the job's share of the slots against other jobs', positive
     * @param patience how long the work may meet nothing but trouble before it fails; null for the usual time
     */
    public record Submit(
            String job,
            String problem,
            long order,
            double weight,
            Duration patience,
            Collection<? extends Work> works,
            ActorRef<WorkResult> replyTo)
            implements Command {
        /** Of a job that has an equal share and the usual patience. */
        public Submit(
                String job,
                String problem,
                long order,
                Collection<? extends Work> works,
                ActorRef<WorkResult> replyTo) {
            this(job, problem, order, 1, null, works, replyTo);
        }
    }

    /** The problem is over: drop what waits and cancel what runs. */
    public record Forget(String job, String problem) implements Command {}

    public record GetStatus(ActorRef<Status> replyTo) implements Command {}

    /**
     * @param waitingForPolicy pieces of work that wait, by the model they wait for
     * @param troubles the models whose workers have had no success since some trouble; their work is tried again
     */
    public record Status(
            List<WorkerLine> workers,
            Map<String, Integer> waitingForPolicy,
            Map<String, Integer> waitingForPrm,
            List<Trouble> troubles,
            DispatchCounts counts) {

        /** Of models that are in no trouble. */
        public Status(
                List<WorkerLine> workers,
                Map<String, Integer> waitingForPolicy,
                Map<String, Integer> waitingForPrm,
                DispatchCounts counts) {
            this(workers, waitingForPolicy, waitingForPrm, List.of(), counts);
        }
    }

    /**
     * A model whose workers have had no success since some trouble.
     *
     * @param reason of the last failure, in one sentence
     * @param sinceMillis since 1970
     */
    public record Trouble(Role role, String model, String reason, long sinceMillis) {}

    /**
     * @param silent whether its lease renewals have stopped coming
     * @param ejected whether it gets nothing but probes, as it answered nothing or only trouble
     */
    public record WorkerLine(
            WorkerAnnouncement announcement,
            WorkerStatus status,
            int leases,
            int freeSlots,
            boolean silent,
            boolean ejected) {}

    /** Has a worker finish what it runs, take nothing new and stop. */
    public record Drain(String workerId, ActorRef<DrainReply> replyTo) implements Command {}

    /** @param worker as it stood when it was told; empty if no worker has the id */
    public record DrainReply(Optional<WorkerLine> worker) {}

    private record ProblemName(String job, String problem) {}

    private record FromWorker(DispatcherMessage message) implements Command {}

    private record FromPolicy(Extended reply) implements Command {}

    private record FromPrm(Scored reply) implements Command {}

    private record WorkerStopped(String workerId) implements Command {}

    private record ProblemStopped(String job, String problem, ActorRef<WorkResult> replyTo) implements Command {}

    private enum Tick implements Command {
        TICK
    }

    // ---- creation

    /**
     * @param clockMillis any clock that does not go back
     */
    public static Behavior<Command> create(DispatchSettings settings, Placement placement, LongSupplier clockMillis) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.TICK, TICK_INTERVAL);
            return new Dispatcher(context, new DispatchCore(settings, placement), clockMillis).dispatching();
        }));
    }

    private static final Duration TICK_INTERVAL = Duration.ofMillis(50);

    private record Connection(WorkPort port, ActorRef<WorkerControl> control) {}

    private final ActorContext<Command> context;
    private final DispatchCore core;
    private final LongSupplier clockMillis;
    private final ActorRef<DispatcherMessage> self;
    private final ActorRef<Extended> fromPolicy;
    private final ActorRef<Scored> fromPrm;
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<ProblemName, ActorRef<WorkResult>> problems = new HashMap<>();

    private Dispatcher(ActorContext<Command> context, DispatchCore core, LongSupplier clockMillis) {
        this.context = context;
        this.core = core;
        this.clockMillis = clockMillis;
        this.self = context.messageAdapter(DispatcherMessage.class, FromWorker::new);
        this.fromPolicy = context.messageAdapter(Extended.class, FromPolicy::new);
        this.fromPrm = context.messageAdapter(Scored.class, FromPrm::new);
        context.getSystem().receptionist().tell(Receptionist.register(ServiceKeys.DISPATCHERS, self));
    }

    // ---- behaviour

    private Behavior<Command> dispatching() {
        return Behaviors.receiveMessage(command -> {
            switch (command) {
                case Submit submit -> onSubmit(submit);
                case Forget(var job, var problem) -> onForget(job, problem);
                case GetStatus(var replyTo) -> replyTo.tell(status());
                case Drain(var workerId, var replyTo) -> onDrain(workerId, replyTo);
                case FromWorker(var message) -> onWorkerMessage(message);
                case FromPolicy(var reply) ->
                    perform(core.extended(reply.workerId(), reply.results(), reply.offer(), now()));
                case FromPrm(var reply) ->
                    perform(core.scored(reply.workerId(), reply.results(), reply.offer(), now()));
                case WorkerStopped(var workerId) -> onStopped(workerId);
                case ProblemStopped stopped -> onProblemStopped(stopped);
                case Tick.TICK -> perform(core.tick(now()));
            }
            return Behaviors.same();
        });
    }

    // ---- handlers

    private void onSubmit(Submit submit) {
        answerTo(submit);
        if (core.hasRoomFor(submit.works().size())) {
            perform(core.submit(submit.works(), submit.order(), submit.weight(), submit.patience(), now()));
        } else {
            var refusal = new Refusal(
                    Refusal.Category.OVERLOADED,
                    "the dispatcher's queue is full: cannot take "
                            + submit.works().size() + " more pieces of work");
            submit.works().forEach(work -> submit.replyTo().tell(new WorkResult.Failed(work.key(), refusal, 0)));
        }
    }

    /** A problem that stops without a word, as its shard moves, is forgotten; a later address of it is not. */
    private void answerTo(Submit submit) {
        var before = problems.put(new ProblemName(submit.job(), submit.problem()), submit.replyTo());
        if (!submit.replyTo().equals(before)) {
            if (before != null) {
                context.unwatch(before);
            }
            context.watchWith(submit.replyTo(), new ProblemStopped(submit.job(), submit.problem(), submit.replyTo()));
        }
    }

    private void onProblemStopped(ProblemStopped stopped) {
        if (stopped.replyTo().equals(problems.get(new ProblemName(stopped.job(), stopped.problem())))) {
            onForget(stopped.job(), stopped.problem());
        }
    }

    private void onForget(String job, String problem) {
        var replyTo = problems.remove(new ProblemName(job, problem));
        if (replyTo != null) {
            context.unwatch(replyTo);
        }
        perform(core.forget(job, problem));
    }

    private void onDrain(String workerId, ActorRef<DrainReply> replyTo) {
        var connection = connections.get(workerId);
        if (connection != null) {
            connection.control().tell(new WorkerControl.Drain());
        }
        replyTo.tell(new DrainReply(status().workers().stream()
                .filter(worker ->
                        connection != null && worker.announcement().workerId().equals(workerId))
                .findFirst()));
    }

    private void onWorkerMessage(DispatcherMessage message) {
        switch (message) {
            case DispatcherMessage.Announce(var worker, var port, var control) -> onAnnounce(worker, port, control);
            case DispatcherMessage.Offer(var workerId, var offered, var keep) ->
                perform(core.offer(workerId, offered, keep, now()));
            case DispatcherMessage.Renew renew -> onRenew(renew);
            case DispatcherMessage.Leave(var workerId) -> onStopped(workerId);
        }
    }

    private void onRenew(DispatcherMessage.Renew renew) {
        if (core.knows(renew.workerId())) {
            perform(core.renew(
                    renew.workerId(),
                    renew.slotsOffered(),
                    renew.slotsReturned(),
                    renew.requestsReceived(),
                    renew.keep(),
                    renew.leases(),
                    renew.status(),
                    now()));
        } else {
            renew.control().tell(new WorkerControl.AnnounceAgain(self));
        }
    }

    private void onAnnounce(WorkerAnnouncement worker, WorkPort port, ActorRef<WorkerControl> control) {
        if (connections.put(worker.workerId(), new Connection(port, control)) == null) {
            context.watchWith(control, new WorkerStopped(worker.workerId()));
            context.getLog()
                    .info(
                            "{} worker [{}] on [{}] serves [{}] with {} slots",
                            worker.role().id(),
                            worker.workerId(),
                            worker.node(),
                            worker.model(),
                            worker.slots());
        }
        perform(core.announce(worker, now()));
    }

    private void onStopped(String workerId) {
        var connection = connections.remove(workerId);
        if (connection != null) {
            context.unwatch(connection.control());
            context.getLog().info("worker [{}] left", workerId);
        }
        perform(core.leave(workerId, now()));
    }

    // ---- effects

    private void perform(List<DispatchEffect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case DispatchEffect.SendExtend(var worker, var requests) -> {
                    if (connections.get(worker).port() instanceof WorkPort.Policy(var extend)) {
                        extend.tell(new Extend(requests, self, fromPolicy));
                    }
                }
                case DispatchEffect.SendScore(var worker, var requests) -> {
                    if (connections.get(worker).port() instanceof WorkPort.Prm(var score)) {
                        score.tell(new Score(requests, self, fromPrm));
                    }
                }
                case DispatchEffect.Deliver(var result) -> deliver(result);
                case DispatchEffect.PassOn(var worker, var returned) ->
                    connections.get(worker).control().tell(new WorkerControl.PassOn(self, returned));
                case DispatchEffect.TellWorkAvailable(var worker) ->
                    connections.get(worker).control().tell(new WorkerControl.WorkAvailable(self));
                case DispatchEffect.TellEjected(var worker, var why) ->
                    context.getLog().warn("worker [{}] gets nothing but probes: it {}", worker, why);
                case DispatchEffect.TellTakenBack(var worker) ->
                    context.getLog().info("worker [{}] answers again", worker);
                case DispatchEffect.CancelLeases(var worker, var leases) -> {
                    var connection = connections.get(worker);
                    if (connection != null) {
                        connection.control().tell(new WorkerControl.Cancel(self, leases));
                    }
                }
            }
        }
    }

    private void deliver(WorkResult result) {
        StepKey key = result.key();
        var replyTo = problems.get(new ProblemName(key.job(), key.problem()));
        if (replyTo != null) {
            replyTo.tell(result);
        }
    }

    private Status status() {
        var lines = core.workers(now()).stream()
                .map(view -> new WorkerLine(
                        view.announcement(),
                        view.status(),
                        view.leases(),
                        view.freeSlots(),
                        view.silent(),
                        view.ejected()))
                .toList();
        long ahead = System.currentTimeMillis() - now();
        var troubles = core.troubles().stream()
                .map(trouble ->
                        new Trouble(trouble.role(), trouble.model(), trouble.reason(), trouble.sinceMillis() + ahead))
                .toList();
        return new Status(
                lines, core.waitingByModel(Role.POLICY), core.waitingByModel(Role.PRM), troubles, core.counts());
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
