package cloudchamber.worker;

import cloudchamber.protocol.Role;
import cloudchamber.protocol.ServiceKeys;
import cloudchamber.protocol.control.DispatcherMessage;
import cloudchamber.protocol.control.WorkPort;
import cloudchamber.protocol.control.WorkerAnnouncement;
import cloudchamber.protocol.control.WorkerControl;
import cloudchamber.protocol.control.WorkerStatus;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
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

    private record Finished<Q, R, E>(LeaseName lease, ActorRef<E> replyTo, R result) implements Command<Q, R, E> {}

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
            timers.startTimerWithFixedDelay(new RenewTick<>(), RENEW_INTERVAL);
            var work = context.messageAdapter(message, batch -> new Work<>(unpack.apply(batch)));
            return new Worker<>(context, role, backend, requests, port.apply(work), node).serving();
        }));
    }

    private static final Duration RENEW_INTERVAL = Duration.ofMillis(300);
    private static final Refusal STOPPING =
            new Refusal(Category.STOPPING, "the worker is draining and takes no new work");
    private static final Refusal CANCELLED =
            new Refusal(Category.STOPPING, "the request was cancelled: nobody waits for it any more");

    /** Names a lease among all dispatchers. */
    private record LeaseName(ActorRef<DispatcherMessage> dispatcher, long lease) {}

    private final ActorContext<Command<Q, R, E>> context;
    private final Backend<Q, R> backend;
    private final Requests<Q, R, E> requests;
    private final WorkPort port;
    private final WorkerAnnouncement announcement;
    private final ActorRef<WorkerControl> control;
    private final SlotLedger<ActorRef<DispatcherMessage>> ledger;
    private final Map<LeaseName, CompletableFuture<R>> running = new LinkedHashMap<>();
    private final Map<ActorRef<E>, List<R>> answers = new LinkedHashMap<>();
    private Usage used = Usage.NONE;
    private long completed;
    private long refused;
    private String lastError = "";

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
        this.ledger = new SlotLedger<>(model.slots());
        var listings = context.messageAdapter(
                Receptionist.Listing.class,
                listing -> new Dispatchers<Q, R, E>(listing.getServiceInstances(ServiceKeys.DISPATCHERS).stream()
                        .sorted()
                        .toList()));
        context.getSystem().receptionist().tell(Receptionist.subscribe(ServiceKeys.DISPATCHERS, listings));
    }

    // ---- behaviours

    private Behavior<Command<Q, R, E>> serving() {
        return working(false);
    }

    private Behavior<Command<Q, R, E>> working(boolean draining) {
        return Behaviors.receive(
                (context, command) -> {
                    switch (command) {
                        case Work<Q, R, E>(var batch) -> onWork(batch, draining);
                        case Control<Q, R, E>(var message) -> {
                            return onControl(message, draining);
                        }
                        case Dispatchers<Q, R, E>(var present) -> onDispatchers(present);
                        case Finished<Q, R, E>(var lease, var replyTo, var result) ->
                            onFinished(lease, replyTo, result);
                        case RenewTick<Q, R, E>() -> renew(draining);
                        case Flush<Q, R, E>() -> flush();
                    }
                    return next(draining);
                },
                (context, signal) -> {
                    if (signal instanceof PostStop) {
                        onStop();
                    }
                    return Behaviors.same();
                });
    }

    private Behavior<Command<Q, R, E>> next(boolean draining) {
        if (!draining) {
            offer();
            return Behaviors.same();
        }
        return running.isEmpty() && answers.isEmpty() ? Behaviors.stopped() : Behaviors.same();
    }

    // ---- handlers

    private void onWork(Requests.Batch<Q, E> batch, boolean draining) {
        for (var request : batch.requests()) {
            var lease = new LeaseName(batch.dispatcher(), requests.lease(request));
            if (running.containsKey(lease)) {
                continue;
            }
            ledger.arrived(batch.dispatcher());
            if (draining) {
                finish(lease, batch.replyTo(), requests.refuse(request, STOPPING));
            } else if (!requests.model(request).equals(announcement.model())) {
                var detail = "this worker serves [" + announcement.model() + "]: was asked for ["
                        + requests.model(request) + "]";
                finish(lease, batch.replyTo(), requests.refuse(request, new Refusal(Category.MODEL_UNKNOWN, detail)));
            } else {
                start(lease, request, batch.replyTo());
            }
        }
    }

    private void start(LeaseName lease, Q request, ActorRef<E> replyTo) {
        var future = run(request);
        running.put(lease, future);
        context.pipeToSelf(
                future,
                (result, failure) -> new Finished<>(
                        lease, replyTo, failure == null ? result : requests.refuse(request, refusal(failure))));
    }

    /** A backend that throws, against its contract, costs the one request and not the worker. */
    private CompletableFuture<R> run(Q request) {
        try {
            return backend.run(request);
        } catch (RuntimeException bug) {
            return CompletableFuture.failedFuture(bug);
        }
    }

    private static Refusal refusal(Throwable failure) {
        return failure instanceof CancellationException
                ? CANCELLED
                : new Refusal(Category.BACKEND_UNAVAILABLE, "the backend broke: " + failure);
    }

    private Behavior<Command<Q, R, E>> onControl(WorkerControl message, boolean draining) {
        switch (message) {
            case WorkerControl.PassOn(var dispatcher, var returned) -> ledger.passedOn(dispatcher, returned);
            case WorkerControl.WorkAvailable(var dispatcher) -> ledger.workAvailable(dispatcher);
            case WorkerControl.AnnounceAgain(var dispatcher) -> announce(dispatcher);
            case WorkerControl.Cancel(var dispatcher, var leases) -> onCancel(dispatcher, leases);
            case WorkerControl.Drain() -> {
                return drain();
            }
        }
        return next(draining);
    }

    private void onCancel(ActorRef<DispatcherMessage> dispatcher, List<Long> leases) {
        for (var lease : leases) {
            var future = running.get(new LeaseName(dispatcher, lease));
            if (future != null) {
                future.cancel(false);
            }
        }
    }

    private Behavior<Command<Q, R, E>> drain() {
        context.getLog().info("worker [{}] drains: {} requests under way", announcement.workerId(), running.size());
        if (running.isEmpty() && answers.isEmpty()) {
            return Behaviors.stopped();
        }
        renew(true);
        return working(true);
    }

    private void onDispatchers(List<ActorRef<DispatcherMessage>> present) {
        var known = ledger.dispatchers();
        ledger.dispatchers(present);
        present.stream().filter(dispatcher -> !known.contains(dispatcher)).forEach(this::announce);
    }

    private void onFinished(LeaseName lease, ActorRef<E> replyTo, R result) {
        running.remove(lease);
        finish(lease, replyTo, result);
    }

    private void onStop() {
        ledger.dispatchers()
                .forEach(dispatcher -> dispatcher.tell(new DispatcherMessage.Leave(announcement.workerId())));
        running.values().forEach(future -> future.cancel(false));
        backend.close();
    }

    // ---- effects

    /** Counts a result and queues it; results that end together travel together. */
    private void finish(LeaseName lease, ActorRef<E> replyTo, R result) {
        ledger.finished();
        used = used.plus(requests.usage(result));
        var refusal = requests.refusal(result);
        if (refusal.isEmpty()) {
            completed++;
        } else {
            refused++;
            lastError = refusal;
            context.getLog().debug("lease {}: {}", lease.lease(), refusal);
        }
        if (answers.isEmpty()) {
            context.getSelf().tell(new Flush<>());
        }
        answers.computeIfAbsent(replyTo, address -> new ArrayList<>()).add(result);
    }

    private void flush() {
        answers.forEach((replyTo, results) -> replyTo.tell(requests.envelope(announcement.workerId(), results)));
        answers.clear();
    }

    private void announce(ActorRef<DispatcherMessage> dispatcher) {
        dispatcher.tell(new DispatcherMessage.Announce(announcement, port, control));
    }

    private void offer() {
        for (var offering : ledger.offer()) {
            offering.dispatcher()
                    .tell(new DispatcherMessage.Offer(
                            announcement.workerId(), offering.slotsOffered(), offering.keep()));
        }
    }

    private void renew(boolean draining) {
        var status = new WorkerStatus(
                running.size(),
                completed,
                refused,
                used.promptTokens(),
                used.cachedTokens(),
                used.completionTokens(),
                lastError,
                draining);
        for (var dispatcher : ledger.dispatchers()) {
            var leases = running.keySet().stream()
                    .filter(lease -> lease.dispatcher().equals(dispatcher))
                    .map(LeaseName::lease)
                    .toList();
            dispatcher.tell(new DispatcherMessage.Renew(
                    announcement.workerId(),
                    ledger.offered(dispatcher),
                    ledger.returned(dispatcher),
                    ledger.received(dispatcher),
                    ledger.keep(),
                    leases,
                    status,
                    control));
        }
    }
}
