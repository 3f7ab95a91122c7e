package cloudchamber.simulation;

import cloudchamber.coordinator.dispatch.DispatchCore;
import cloudchamber.coordinator.dispatch.DispatchEffect;
import cloudchamber.coordinator.dispatch.DispatchSettings;
import cloudchamber.coordinator.dispatch.Placement;
import cloudchamber.coordinator.dispatch.WorkResult;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.simulation.World.Bug;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One coordinator: its dispatcher, its admission, and the entities that live there. */
final class SimulatedCoordinator implements Comparable<SimulatedCoordinator> {
    private static final int TICK_MILLIS = 50;
    private static final DispatchSettings SETTINGS = new DispatchSettings(
            Duration.ofMillis(1500),
            20,
            Duration.ofMinutes(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            10_000,
            DispatchSettings.Order.OLDEST,
            1000,
            Duration.ofSeconds(8),
            Duration.ofSeconds(1));

    final Simulation cluster;
    final DispatchCore core = new DispatchCore(SETTINGS, Placement.leastCost());
    final SimulatedAdmission admission;
    final Map<String, SimulatedWorker<?, ?>> references = new LinkedHashMap<>();
    private final World world;
    private final String name;
    private final Map<String, SimulatedEntity<?, ?>> entities = new LinkedHashMap<>();
    private final List<Runnable> missed = new ArrayList<>();
    private boolean alive = true;
    private boolean paused;

    SimulatedCoordinator(Simulation cluster, String name) {
        this.cluster = cluster;
        this.world = cluster.world;
        this.name = name;
        this.admission = new SimulatedAdmission(this);
        world.after(TICK_MILLIS, this::tick);
    }

    boolean isAlive() {
        return alive;
    }

    /** Whether it is there, as far as others see. */
    boolean isUp() {
        return alive && !paused;
    }

    /** Nothing happens on a node that is dead; on one that is paused it happens later. */
    void receive(Runnable happening) {
        if (paused) {
            missed.add(happening);
        } else if (alive) {
            happening.run();
        }
    }

    private void tick() {
        receive(() -> {
            if (world.bug != Bug.LEASES_NEVER_END) {
                perform(core.tick(world.nowMillis()));
            }
            world.after(TICK_MILLIS, this::tick);
        });
    }

    void die() {
        alive = false;
        paused = false;
        missed.clear();
        cluster.lost(this);
    }

    /** As a long collection of garbage: others take its entities, and it comes back thinking they are its. */
    void pause() {
        paused = true;
        boolean thoughtDead = world.random.nextBoolean();
        if (thoughtDead) {
            cluster.moveEntities(this);
        }
        world.after(500 + world.random.nextInt(3000), () -> {
            if (alive) {
                paused = false;
                var late = List.copyOf(missed);
                missed.clear();
                late.forEach(this::receive);
                if (thoughtDead) {
                    world.after(world.random.nextInt(1000), () -> {
                        if (alive) {
                            die();
                        }
                    });
                }
            }
        });
    }

    // ---- entities

    /** The entity of a name, which recovers first if it is not there. */
    <T extends SimulatedEntity<?, ?>> T entity(String key, Class<T> kind, Function<SimulatedCoordinator, T> creation) {
        var known = entities.get(key);
        if (known != null) {
            return kind.cast(known);
        }
        var fresh = creation.apply(this);
        entities.put(key, fresh);
        fresh.recover();
        return fresh;
    }

    boolean has(SimulatedEntity<?, ?> entity) {
        return entities.get(Simulation.key(entity)) == entity;
    }

    void remove(SimulatedEntity<?, ?> entity) {
        entities.remove(Simulation.key(entity), entity);
    }

    // ---- dispatch

    void perform(List<DispatchEffect> effects) {
        for (var effect : effects) {
            switch (effect) {
                case DispatchEffect.SendExtend(var worker, var requests) -> {
                    var sent = requests.stream().map(this::sent).toList();
                    references.get(worker).receiveExtensions(this, sent);
                }
                case DispatchEffect.SendScore(var worker, var requests) ->
                    references.get(worker).receiveScorings(this, requests);
                case DispatchEffect.Deliver(var result) -> deliver(result);
                case DispatchEffect.PassOn(var worker, var returned) ->
                    references.get(worker).hearPassOn(this, returned);
                case DispatchEffect.TellWorkAvailable(var worker) ->
                    references.get(worker).hearWorkAvailable(this);
                case DispatchEffect.CancelLeases(var worker, var leases) ->
                    references.get(worker).hearCancel(this, leases);
                case DispatchEffect.TellEjected ejected -> {}
                case DispatchEffect.TellTakenBack takenBack -> {}
            }
        }
    }

    private ExtendRequest sent(ExtendRequest request) {
        return world.bug == Bug.RETRY_WITH_ANOTHER_SEED && request.key().attempt() > 1
                ? request.after(request.prefix(), request.seed() + request.key().attempt())
                : request;
    }

    private void deliver(WorkResult result) {
        var problem = problem(result.key());
        if (problem != null) {
            problem.receive(() -> problem.take(result));
        }
    }

    private ProblemEntity problem(StepKey step) {
        return (ProblemEntity)
                entities.get(Simulation.key(ProblemEntity.class, Problem.entityId(step.job(), step.problem())));
    }

    /** The round a reply belongs to, or with the bug the one that is open. */
    AttemptKey key(AttemptKey key) {
        var problem = problem(key.step());
        if (world.bug == Bug.REPLY_OF_ANOTHER_ROUND
                && problem != null
                && problem.state instanceof ProblemState.Running running) {
            var step = key.step();
            return new AttemptKey(
                    new StepKey(
                            step.job(),
                            step.problem(),
                            step.chain(),
                            step.iteration(),
                            running.run().plan().round(),
                            step.slot(),
                            step.purpose()),
                    key.attempt());
        }
        return key;
    }

    @Override
    public int compareTo(SimulatedCoordinator other) {
        return name.compareTo(other.name);
    }
}
