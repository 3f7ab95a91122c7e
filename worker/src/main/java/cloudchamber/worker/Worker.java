package cloudchamber.worker;

import cloudchamber.protocol.model.LeaseTerms;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.wire.DispatcherMessage;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ServiceKeys;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerControl;
import cloudchamber.worker.WorkerCore.Effect;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;

/**
 * One worker in front of one backend.
 *
 * <pre>
 *   serving --Drain--> draining --last request answered--> stopped
 * </pre>
 *
 * @param <Q> a request
 * @param <R> its result
 * @param <E> an envelope of results
 */
public final class Worker<Q, R, E> {

    // ---- protocol

    public sealed interface Command<Q, R, E> {}

    private record Work<Q, R, E>(Requests.Batch<Q, E> batch) implements Command<Q, R, E> {}

    private record Control<Q, R, E>(WorkerControl message) implements Command<Q, R, E> {}

    private record Dispatchers<Q, R, E>(List<ActorRef<DispatcherMessage>> present) implements Command<Q, R, E> {}

    private record Finished<Q, R, E>(
            WorkerCore.LeaseName<ActorRef<DispatcherMessage>> lease, R result, Throwable failure)
            implements Command<Q, R, E> {}

    private record Drain<Q, R, E>() implements Command<Q, R, E> {}

    private record RenewTick<Q, R, E>() implements Command<Q, R, E> {}

    private record Flush<Q, R, E>() implements Command<Q, R, E> {}

    // ---- creation

    /**
     * @param role what the worker announces itself as
     * @param port where it takes work: given a reference that takes batches
     * @param node the address of the cluster member, for people
     */
    public static <Q, R, E, M> Behavior<Command<Q, R, E>> create(
            Role role,
            Backend<Q, R> backend,
            Requests<Q, R, E> requests,
            Class<M> message,
            Function<M, Requests.Batch<Q, E>> unpack,
            Function<ActorRef<M>, WorkPort> port,
            String node) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            long leaseMillis =
                    context.getSystem().settings().config().getDuration(LEASE_DURATION, TimeUnit.MILLISECONDS);
            timers.startTimerWithFixedDelay(
                    new RenewTick<>(),
                    Duration.ofMillis(LeaseTerms.of(leaseMillis).renewalMillis()));
            var work = context.messageAdapter(message, batch -> new Work<>(unpack.apply(batch)));
            return new Worker<>(context, role, backend, requests, port.apply(work), node).serving();
        }));
    }

    /** Tells a worker to take nothing new, finish what runs, and stop. */
    public static <Q, R, E> Command<Q, R, E> drain() {
        return new Drain<>();
    }

    private static final String LEASE_DURATION = "cloudchamber.dispatch.lease-duration";
    private static final Refusal CANCELLED =
            new Refusal(Category.STOPPING, "the request was cancelled: nobody waits for it any more");

    private final ActorContext<Command<Q, R, E>> context;
    private final Backend<Q, R> backend;
    private final Requests<Q, R, E> requests;
    private final WorkPort port;
    private final WorkerAnnouncement announcement;
    private final ActorRef<WorkerControl> control;
    private final WorkerCore<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R> core;
    private final Map<WorkerCore.LeaseName<ActorRef<DispatcherMessage>>, CompletableFuture<R>> running =
            new LinkedHashMap<>();
    private boolean flushing;

    private Worker(
            ActorContext<Command<Q, R, E>> context,
            Role role,
            Backend<Q, R> backend,
            Requests<Q, R, E> requests,
            WorkPort port,
            String node) {
        this.context = context;
        this.backend = backend;
        this.requests = requests;
        var model = backend.model();
        this.announcement = new WorkerAnnouncement(
                role.id() + "-" + UUID.randomUUID(),
                role,
                node,
                ProcessHandle.current().pid(),
                model.name(),
                model.sha256(),
                model.template(),
                model.numericsClass(),
                model.slots(),
                model.contextTokens());
        this.port = port;
        this.control = context.messageAdapter(WorkerControl.class, Control::new);
        this.core = new WorkerCore<>(model.name(), model.slots(), requests, System::currentTimeMillis);
        var listings = context.messageAdapter(
                Receptionist.Listing.class,
                listing -> new Dispatchers<Q, R, E>(listing.getServiceInstances(ServiceKeys.DISPATCHERS).stream()
                        .sorted()
                        .toList()));
        context.getSystem().receptionist().tell(Receptionist.subscribe(ServiceKeys.DISPATCHERS, listings));
    }

    // ---- behaviour

    private Behavior<Command<Q, R, E>> serving() {
        return Behaviors.receive(
                (context, command) -> perform(
                        switch (command) {
                            case Work<Q, R, E>(var batch) ->
                                core.received(batch.dispatcher(), batch.replyTo(), batch.requests());
                            case Control<Q, R, E>(var message) -> onControl(message);
                            case Dispatchers<Q, R, E>(var present) -> core.dispatchers(present);
                            case Finished<Q, R, E>(var lease, var result, var failure) ->
                                onFinished(lease, result, failure);
                            case RenewTick<Q, R, E>() -> core.renew();
                            case Flush<Q, R, E>() -> onFlush();
                            case Drain<Q, R, E>() -> onDrain();
                        }),
                (context, signal) -> {
                    if (signal instanceof PostStop) {
                        onStop();
                    }
                    return Behaviors.same();
                });
    }

    // ---- handlers

    private List<Effect<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>> onControl(WorkerControl message) {
        return switch (message) {
            case WorkerControl.PassOn(var dispatcher, var returned) -> core.passedOn(dispatcher, returned);
            case WorkerControl.WorkAvailable(var dispatcher) -> core.workAvailable(dispatcher);
            case WorkerControl.AnnounceAgain(var dispatcher) -> core.announceAgain(dispatcher);
            case WorkerControl.Cancel(var dispatcher, var leases) -> core.cancelled(dispatcher, leases);
            case WorkerControl.Drain() -> onDrain();
        };
    }

    private List<Effect<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>> onFinished(
            WorkerCore.LeaseName<ActorRef<DispatcherMessage>> lease, R result, Throwable failure) {
        running.remove(lease);
        return failure == null ? core.finished(lease, result) : core.broken(lease, refusal(failure));
    }

    private static Refusal refusal(Throwable failure) {
        return failure instanceof CancellationException
                ? CANCELLED
                : new Refusal(Category.BACKEND_UNAVAILABLE, "the backend broke: " + failure);
    }

    private List<Effect<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>> onFlush() {
        flushing = false;
        return core.flush();
    }

    private List<Effect<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>> onDrain() {
        context.getLog().info("worker [{}] drains: {} requests under way", announcement.workerId(), core.running());
        return core.drain();
    }

    private void onStop() {
        core.dispatchers().forEach(dispatcher -> dispatcher.tell(new DispatcherMessage.Leave(announcement.workerId())));
        running.values().forEach(future -> future.cancel(false));
        backend.close();
    }

    // ---- effects

    private Behavior<Command<Q, R, E>> perform(List<Effect<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>> effects) {
        boolean stop = false;
        for (var effect : effects) {
            switch (effect) {
                case Effect.Run<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>(var lease, var request) ->
                    start(lease, request);
                case Effect.CancelRun<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>(var lease) ->
                    running.get(lease).cancel(false);
                case Effect.Answer<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>(
                        var replyTo,
                        var results,
                        var offer) -> replyTo.tell(requests.envelope(announcement.workerId(), results, offer));
                case Effect.Announce<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>(var dispatcher) ->
                    dispatcher.tell(new DispatcherMessage.Announce(announcement, port, control));
                case Effect.Offer<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>(
                        var dispatcher,
                        var offered,
                        var keep) ->
                    dispatcher.tell(new DispatcherMessage.Offer(announcement.workerId(), offered, keep));
                case Effect.Renew<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>(
                        var dispatcher,
                        var offered,
                        var returned,
                        var received,
                        var keep,
                        var leases,
                        var status) ->
                    dispatcher.tell(new DispatcherMessage.Renew(
                            announcement.workerId(), offered, returned, received, keep, leases, status, control));
                case Effect.Stop<ActorRef<DispatcherMessage>, ActorRef<E>, Q, R>() -> stop = true;
            }
        }
        if (core.mustFlush() && !flushing) {
            flushing = true;
            context.getSelf().tell(new Flush<>());
        }
        return stop ? Behaviors.stopped() : Behaviors.same();
    }

    private void start(WorkerCore.LeaseName<ActorRef<DispatcherMessage>> lease, Q request) {
        var future = run(request);
        running.put(lease, future);
        context.pipeToSelf(future, (result, failure) -> new Finished<>(lease, result, failure));
    }

    /** A backend that throws, against its contract, costs the one request and not the worker. */
    private CompletableFuture<R> run(Q request) {
        try {
            return backend.run(request);
        } catch (RuntimeException bug) {
            return CompletableFuture.failedFuture(bug);
        }
    }
}
