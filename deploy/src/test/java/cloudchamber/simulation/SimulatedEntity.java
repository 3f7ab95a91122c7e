package cloudchamber.simulation;

import cloudchamber.simulation.World.Bug;
import cloudchamber.simulation.World.Fault;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What the persistent actors do around their machines: one input at a time, none while a write is under way, and
 * everything read again when a write has failed.
 *
 * @param <S> the state that events lead to
 * @param <E> the events
 */
abstract class SimulatedEntity<S, E> {
    private static final int BACKOFF_MILLIS = 200;

    final Simulation cluster;
    final World world;
    final SimulatedCoordinator home;
    final String id;
    S state;
    private final Deque<Runnable> stash = new ArrayDeque<>();
    private int sequence;
    private boolean busy;

    SimulatedEntity(SimulatedCoordinator home, String id) {
        this.cluster = home.cluster;
        this.world = home.cluster.world;
        this.home = home;
        this.id = id;
    }

    abstract S empty();

    abstract List<E> read();

    abstract S evolve(S before, E event);

    /** Takes events that follow {@code sequence} others, or refuses them, in one piece. */
    abstract boolean append(int sequence, List<E> events);

    abstract void recovered();

    abstract void written(List<E> events);

    void stopped() {}

    final void recover() {
        state = empty();
        var log = read();
        for (var event : log) {
            state = evolve(state, event);
        }
        sequence = log.size();
        recovered();
    }

    final void receive(Runnable input) {
        if (!home.has(this)) {
            return;
        }
        if (busy) {
            stash.add(input);
        } else {
            input.run();
        }
    }

    final void write(List<E> events) {
        busy = true;
        boolean early = world.bug == Bug.ACKNOWLEDGED_BEFORE_DURABLE && this instanceof ProblemEntity;
        if (early) {
            home.receive(() -> acknowledged(events, true));
        }
        world.after(1 + world.random.nextInt(world.goesWrong(Fault.WRITE_SLOW, .1) ? 3000 : 20), () -> {
            if (!home.isAlive() && world.random.nextBoolean()) {
                world.count(Fault.WRITE_LOST);
                return;
            }
            boolean taken = !world.goesWrong(Fault.WRITE_FAILED, .03)
                    && append(early ? sequence - events.size() : sequence, events);
            if (!early) {
                world.after(1 + world.random.nextInt(10), () -> home.receive(() -> acknowledged(events, taken)));
            }
        });
    }

    private void acknowledged(List<E> events, boolean taken) {
        if (!home.has(this)) {
            return;
        }
        if (!taken) {
            readAgain();
            return;
        }
        busy = false;
        sequence += events.size();
        for (var event : events) {
            state = evolve(state, event);
        }
        written(events);
        drain();
    }

    private void drain() {
        while (!stash.isEmpty() && !busy) {
            stash.poll().run();
        }
    }

    /** The same object reads again after a pause; where it belongs no more it stops. */
    private void readAgain() {
        if (!cluster.owns(home, this)) {
            stopped();
            home.remove(this);
            return;
        }
        world.after(
                BACKOFF_MILLIS,
                () -> home.receive(() -> {
                    if (home.has(this)) {
                        busy = false;
                        recover();
                        drain();
                    }
                }));
    }
}
