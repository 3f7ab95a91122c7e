package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How long the workers of each model have had nothing but trouble.
 *
 * <p>A clock runs for each model while a worker that serves it is registered: without one, work waits and does not
 * fail. Trouble begins with the first failure after a success and ends with the next success of any worker of the
 * model.
 */
final class Patience {

    /**
     * The workers that can do a piece of work.
     *
     * @param family of their numerics classes; null for any
     */
    private record Supply(Role role, String model, String family) {
        static Supply of(Work work) {
            return new Supply(work.role(), work.model(), work.numericsFamily());
        }

        /** All that a worker belongs to. */
        static List<Supply> of(WorkerAnnouncement worker) {
            return List.of(
                    new Supply(worker.role(), worker.model(), null),
                    new Supply(
                            worker.role(),
                            worker.model(),
                            worker.numericsClass().family()));
        }
    }

    /**
     * A model whose workers have had no success since some trouble.
     *
     * @param reason of the last failure, in one sentence
     * @param sinceMillis by the dispatcher's clock
     */
    record Trouble(Role role, String model, String reason, long sinceMillis) {}

    private static final long NONE = -1;

    private static final class Record {
        final Set<String> workers = new HashSet<>();
        long stoppedAtClock;
        long runsSinceMillis;
        long troubledSinceClock = NONE;
        long troubledSinceMillis;
        String reason = "";

        long clock(long nowMillis) {
            return stoppedAtClock + (workers.isEmpty() ? 0 : nowMillis - runsSinceMillis);
        }

        boolean isTroubled() {
            return troubledSinceClock != NONE;
        }
    }

    private final Map<Supply, Record> records = new LinkedHashMap<>();

    private Record record(Supply supply) {
        return records.computeIfAbsent(supply, first -> new Record());
    }

    // ---- what happens

    /** A worker is registered. */
    void arrived(WorkerAnnouncement worker, long nowMillis) {
        for (var supply : Supply.of(worker)) {
            var record = record(supply);
            if (record.workers.isEmpty()) {
                record.runsSinceMillis = nowMillis;
            }
            record.workers.add(worker.workerId());
        }
    }

    /** A worker is gone. */
    void left(WorkerAnnouncement worker, long nowMillis) {
        for (var supply : Supply.of(worker)) {
            var record = record(supply);
            long clock = record.clock(nowMillis);
            if (record.workers.remove(worker.workerId()) && record.workers.isEmpty()) {
                record.stoppedAtClock = clock;
            }
        }
    }

    /** A worker did some work. */
    void succeeded(WorkerAnnouncement worker) {
        Supply.of(worker).forEach(supply -> record(supply).troubledSinceClock = NONE);
    }

    /**
     * A worker failed to do some work, by no fault of the work.
     *
     * @param sinceMillis when the work was given to it
     */
    void failed(WorkerAnnouncement worker, String reason, long sinceMillis, long nowMillis) {
        for (var supply : Supply.of(worker)) {
            var record = record(supply);
            if (!record.isTroubled()) {
                record.troubledSinceClock = Math.max(0, record.clock(nowMillis) - (nowMillis - sinceMillis));
                record.troubledSinceMillis = sinceMillis;
            }
            record.reason = reason;
        }
    }

    // ---- what follows

    /** The reading of the clock that runs for a piece of work. */
    long clock(Work work, long nowMillis) {
        return record(Supply.of(work)).clock(nowMillis);
    }

    /** How long a piece of work has met nothing but trouble of its model's workers. */
    long troubledMillis(Piece piece, long nowMillis) {
        var record = record(Supply.of(piece.work));
        return record.isTroubled()
                ? record.clock(nowMillis) - Math.max(record.troubledSinceClock, piece.arrivalClock)
                : 0;
    }

    /** The last failure of a piece's model; empty if it is in no trouble. */
    String reason(Piece piece) {
        var record = record(Supply.of(piece.work));
        return record.isTroubled() ? record.reason : "";
    }

    boolean isAnyTroubled() {
        return records.values().stream().anyMatch(Record::isTroubled);
    }

    /** The models that are in trouble, of whichever numerics family. */
    List<Trouble> troubles() {
        var troubles = new ArrayList<Trouble>();
        records.forEach((supply, record) -> {
            if (supply.family() == null && record.isTroubled()) {
                troubles.add(new Trouble(supply.role(), supply.model(), record.reason, record.troubledSinceMillis));
            }
        });
        return troubles;
    }
}
