package cloudchamber.simulation;

import cloudchamber.coordinator.dispatch.DispatchEffect;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.simulation.World.Fault;
import cloudchamber.worker.Backend;
import cloudchamber.worker.Requests;
import cloudchamber.worker.WorkerCore;
import java.util.List;
import java.util.function.Function;

/** What the actor of a worker does around its machine. */
final class SimulatedWorker<Q, R> {
    final String id;
    private final WorkerAnnouncement announcement;
    private final Backend<Q, R> backend;
    private final Requests<Q, R, ?> requests;
    private final Reply<R> reply;
    private final Runnable replacement;
    private final WorkerCore<SimulatedCoordinator, SimulatedCoordinator, Q, R> core;
    private final Simulation cluster;
    private final World world;
    private boolean alive = true;
    private boolean hangs;

    SimulatedWorker(
            Simulation cluster,
            String id,
            Role role,
            int slots,
            Backend<Q, R> backend,
            Requests<Q, R, ?> requests,
            Reply<R> reply,
            Runnable replacement) {
        this.cluster = cluster;
        this.world = cluster.world;
        this.id = id;
        var model = backend.model();
        this.announcement = new WorkerAnnouncement(
                id, role, "node", 1, model.name(), "00", "none", model.numericsClass(), slots, model.contextTokens());
        this.backend = backend;
        this.requests = requests;
        this.reply = reply;
        this.replacement = replacement;
        this.core = new WorkerCore<>(model.name(), slots, requests, world::nowMillis);
    }

    /** Slots may be given twice when a dispatcher comes back or one was wrongly counted as lost. */
    void check() {
        if (core.running() > announcement.slots() * (1 + cluster.coordinators().size())) {
            throw new AssertionError(
                    "I8: " + id + " runs " + core.running() + " requests with " + announcement.slots() + " slots");
        }
    }

    void meetDispatchers() {
        perform(core.dispatchers(cluster.coordinators().stream()
                .filter(SimulatedCoordinator::isAlive)
                .sorted()
                .toList()));
    }

    void hear(
            Function<
                            WorkerCore<SimulatedCoordinator, SimulatedCoordinator, Q, R>,
                            List<WorkerCore.Effect<SimulatedCoordinator, SimulatedCoordinator, Q, R>>>
                    word) {
        world.send(() -> {
            if (alive) {
                perform(word.apply(core));
            }
        });
    }

    void hearPassOn(SimulatedCoordinator node, long returned) {
        hear(core -> core.passedOn(node, returned));
    }

    void hearWorkAvailable(SimulatedCoordinator node) {
        hear(core -> core.workAvailable(node));
    }

    void hearCancel(SimulatedCoordinator node, List<Long> leases) {
        hear(core -> core.cancelled(node, leases));
    }

    @SuppressWarnings("unchecked")
    void receiveExtensions(SimulatedCoordinator node, List<ExtendRequest> requests) {
        hear(core -> core.received(node, node, (List<Q>) requests));
    }

    @SuppressWarnings("unchecked")
    void receiveScorings(SimulatedCoordinator node, List<ScoreRequest> requests) {
        hear(core -> core.received(node, node, (List<Q>) requests));
    }

    void renew() {
        if (alive) {
            perform(core.renew());
            world.after(Simulation.RENEWAL_MILLIS, this::renew);
        }
    }

    void drain() {
        perform(core.drain());
    }

    void die() {
        alive = false;
        for (var node : cluster.coordinators()) {
            world.after(
                    world.random.nextInt(6000),
                    () -> node.receive(() -> node.perform(node.core.leave(id, world.nowMillis()))));
        }
        world.after(world.random.nextInt(1000), replacement);
    }

    private void perform(List<WorkerCore.Effect<SimulatedCoordinator, SimulatedCoordinator, Q, R>> effects) {
        if (!alive) {
            return;
        }
        for (var effect : effects) {
            switch (effect) {
                case WorkerCore.Effect.Run<SimulatedCoordinator, SimulatedCoordinator, Q, R>(var lease, var request) ->
                    execute(lease, request);
                case WorkerCore.Effect.CancelRun<SimulatedCoordinator, SimulatedCoordinator, Q, R>(var lease) ->
                    world.after(
                            0, () -> perform(core.broken(lease, new Refusal(Refusal.Category.STOPPING, "cancelled"))));
                case WorkerCore.Effect.Answer<SimulatedCoordinator, SimulatedCoordinator, Q, R>(
                        var node,
                        var results,
                        var offer) ->
                    world.send(() -> node.receive(
                            () -> node.perform(reply.taken(node, this, results, offer, world.nowMillis()))));
                case WorkerCore.Effect.Announce<SimulatedCoordinator, SimulatedCoordinator, Q, R>(var node) ->
                    world.send(() -> node.receive(() -> {
                        if (alive) {
                            node.references.put(id, this);
                            node.perform(node.core.announce(announcement, world.nowMillis()));
                        }
                    }));
                case WorkerCore.Effect.Offer<SimulatedCoordinator, SimulatedCoordinator, Q, R>(
                        var node,
                        var offered,
                        var keep) ->
                    world.send(() ->
                            node.receive(() -> node.perform(node.core.offer(id, offered, keep, world.nowMillis()))));
                case WorkerCore.Effect.Renew<SimulatedCoordinator, SimulatedCoordinator, Q, R> renewal ->
                    world.send(() -> renewal.dispatcher().receive(() -> renewed(renewal)));
                case WorkerCore.Effect.Stop<SimulatedCoordinator, SimulatedCoordinator, Q, R>() -> die();
            }
        }
        if (core.mustFlush()) {
            world.after(1, () -> {
                if (core.mustFlush()) {
                    perform(core.flush());
                }
            });
        }
    }

    private void renewed(WorkerCore.Effect.Renew<SimulatedCoordinator, SimulatedCoordinator, Q, R> renewal) {
        var node = renewal.dispatcher();
        if (node.core.knows(id)) {
            node.perform(node.core.renew(
                    id,
                    renewal.slotsOffered(),
                    renewal.slotsReturned(),
                    renewal.requestsReceived(),
                    renewal.keep(),
                    renewal.leases(),
                    renewal.status(),
                    world.nowMillis()));
        } else {
            hear(core -> core.announceAgain(node));
        }
    }

    /** The backend is asked at once and answers later; what it spent is known whatever becomes of the answer. */
    private void execute(WorkerCore.LeaseName<SimulatedCoordinator> lease, Q request) {
        if (world.goesWrong(Fault.BACKEND_HANGS, .002)) {
            hangs = true;
        }
        R result = world.goesWrong(Fault.REQUEST_REFUSED, .05)
                ? requests.refuse(request, new Refusal(Refusal.Category.BACKEND_UNAVAILABLE, "out of order"))
                : backend.run(request).join();
        cluster.journal.spent(key(result), ProblemEntity.tokens(requests.usage(result)));
        if (hangs && world.isTroubled()) {
            return;
        }
        world.after(20 + world.random.nextInt(300), () -> perform(core.finished(lease, result)));
    }

    private StepKey key(R result) {
        return switch (result) {
            case ExtendResult step -> step.key().step();
            case ScoreResult score -> score.key().step();
            default -> throw new IllegalStateException("a result is of a step or of a score: was " + result);
        };
    }

    boolean isAlive() {
        return alive;
    }

    /** Hands results to a dispatcher. */
    interface Reply<R> {
        List<DispatchEffect> taken(
                SimulatedCoordinator node,
                SimulatedWorker<?, R> worker,
                List<R> results,
                SlotOffer offer,
                long nowMillis);
    }
}
