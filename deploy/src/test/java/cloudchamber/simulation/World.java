package cloudchamber.simulation;

import cloudchamber.protocol.model.CounterRandom;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Simulated time, chance and what goes wrong: one thread, and the same for the same seed. */
final class World {

    /** What may go wrong. */
    enum Fault {
        MESSAGE_LOST,
        MESSAGE_REPEATED,
        MESSAGE_OVERTAKEN,
        REQUEST_REFUSED,
        BACKEND_HANGS,
        WORKER_KILLED,
        WORKER_DRAINED,
        COORDINATOR_KILLED,
        COORDINATOR_PAUSED,
        ADMISSION_RESTARTED,
        READ_FAILED,
        WRITE_FAILED,
        WRITE_SLOW,
        WRITE_LOST,
        WRITE_REJECTED
    }

    /** Mistakes one could make; the invariants must find each. */
    enum Bug {
        NONE,
        /** A retry draws anew. */
        RETRY_WITH_ANOTHER_SEED,
        /** The journal takes an append from a writer that does not know the last one. */
        APPEND_WITHOUT_FENCE,
        /** A problem goes on before its event is durable. */
        ACKNOWLEDGED_BEFORE_DURABLE,
        /** Leases are not ended when they are not renewed. */
        LEASES_NEVER_END,
        /** A reply is matched by its slot, whatever its round. */
        REPLY_OF_ANOTHER_ROUND,
        /** A job that restarts does not give up the places of its life before. */
        PLACES_OF_OLD_LIVES_KEPT,
        /** Problems hold places whether or not a worker serves their models. */
        PLACES_HELD_WITHOUT_WORKERS,
        /** A job states its claim when it changes, and not again. */
        CLAIMS_NOT_REPEATED,
        /** A job asks each problem once how it ended. */
        PROBLEMS_NOT_ASKED_AGAIN,
        /** A sweep submits each job once. */
        JOBS_SUBMITTED_ONCE
    }

    private record Event(long atMillis, long order, Runnable happening) {}

    final CounterRandom random;
    final Bug bug;
    private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::order));
    private boolean trouble;
    private long nowMillis;
    private long nextEvent;

    /** @param troubled whether anything goes wrong at all */
    World(long seed, boolean troubled, Bug bug) {
        this.random = new CounterRandom(seed);
        this.trouble = troubled;
        this.bug = bug;
    }

    long nowMillis() {
        return nowMillis;
    }

    boolean isTroubled() {
        return trouble;
    }

    void endTrouble() {
        trouble = false;
    }

    /** How often each fault has happened. */
    Map<Fault, Integer> faults() {
        return faults;
    }

    void after(long millis, Runnable happening) {
        events.add(new Event(nowMillis + millis, nextEvent++, happening));
    }

    /** Has the next thing happen. */
    void step() {
        var event = events.poll();
        nowMillis = event.atMillis();
        event.happening().run();
    }

    boolean goesWrong(Fault fault, double probability) {
        boolean wrong = trouble && random.nextDouble() < probability;
        if (wrong) {
            count(fault);
        }
        return wrong;
    }

    void count(Fault fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    /** Over a wire that loses, repeats and reorders. */
    void send(Runnable message) {
        if (!goesWrong(Fault.MESSAGE_LOST, .05)) {
            after(delay(), message);
        }
        if (goesWrong(Fault.MESSAGE_REPEATED, .05)) {
            after(delay() + random.nextInt(400), message);
        }
    }

    private long delay() {
        return 1 + (goesWrong(Fault.MESSAGE_OVERTAKEN, .05) ? random.nextInt(2000) : random.nextInt(5));
    }
}
