package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.WorkerStatus;
import java.util.HashMap;
import java.util.Map;

/**
 * Which workers may get work. A worker that answers nothing for long while it holds leases, or nothing but
 * trouble, is ejected: it gets one piece at a time as a probe until one succeeds.
 */
final class Health {
    private static final int TROUBLES_TO_EJECT = 3;
    private static final double SERVICE_LEARNING_RATE = .1;

    private static final class Record {
        WorkerStatus status = WorkerStatus.NEW;
        long heardMillis;
        long progressMillis;
        int troubles;
        boolean ejected;
        long probeAtMillis;
        double meanServiceMillis = Double.POSITIVE_INFINITY;
    }

    private final long silenceMillis;
    private final long noProgressMillis;
    private final long probeIntervalMillis;
    private final Map<String, Record> records = new HashMap<>();

    Health(DispatchSettings settings) {
        this.silenceMillis = settings.leaseDuration().toMillis();
        this.noProgressMillis = settings.noProgress().toMillis();
        this.probeIntervalMillis = settings.probeInterval().toMillis();
    }

    /** A worker that is known already keeps its record. */
    void open(String workerId) {
        records.computeIfAbsent(workerId, id -> new Record());
    }

    void close(String workerId) {
        records.remove(workerId);
    }

    // ---- what is seen

    void heard(String workerId, long nowMillis) {
        records.get(workerId).heardMillis = nowMillis;
    }

    void reported(String workerId, WorkerStatus status) {
        records.get(workerId).status = status;
    }

    /** It has not renewed what it holds, whatever it said since: its slots are not to be trusted. */
    void leaseExpired(String workerId, long nowMillis) {
        var record = records.get(workerId);
        record.heardMillis = Math.min(record.heardMillis, nowMillis - silenceMillis);
    }

    /** Its first lease after a rest: nothing could be answered before. */
    void beginsToWork(String workerId, long nowMillis) {
        records.get(workerId).progressMillis = nowMillis;
    }

    /** A piece of work took so long, from its lease to its result. */
    void served(String workerId, long millis) {
        var record = records.get(workerId);
        if (record != null) {
            record.meanServiceMillis = Double.isInfinite(record.meanServiceMillis)
                    ? millis
                    : record.meanServiceMillis + SERVICE_LEARNING_RATE * (millis - record.meanServiceMillis);
        }
    }

    /**
     * It answered as it should.
     *
     * @return whether it was ejected and is taken back
     */
    boolean wentWell(String workerId, long nowMillis) {
        var record = records.get(workerId);
        if (record == null) {
            return false;
        }
        record.progressMillis = nowMillis;
        record.troubles = 0;
        boolean back = record.ejected;
        record.ejected = false;
        return back;
    }

    /**
     * It answered with trouble.
     *
     * @return how often in a row, if that is enough to eject it; otherwise 0
     */
    int wentIll(String workerId) {
        var record = records.get(workerId);
        return record == null || ++record.troubles < TROUBLES_TO_EJECT ? 0 : record.troubles;
    }

    /**
     * Ejects a worker until a probe succeeds.
     *
     * @return whether it was not ejected before
     */
    boolean eject(String workerId, long nowMillis) {
        var record = records.get(workerId);
        boolean first = !record.ejected;
        record.ejected = true;
        record.progressMillis = nowMillis;
        record.probeAtMillis = nowMillis + probeIntervalMillis;
        return first;
    }

    // ---- what follows

    WorkerStatus status(String workerId) {
        return records.get(workerId).status;
    }

    boolean isEjected(String workerId) {
        return records.get(workerId).ejected;
    }

    boolean isSilent(String workerId, long nowMillis) {
        return nowMillis - records.get(workerId).heardMillis >= silenceMillis;
    }

    /** Whether a worker that holds leases has answered nothing for too long. */
    boolean isHung(String workerId, long nowMillis) {
        return nowMillis - records.get(workerId).progressMillis >= noProgressMillis;
    }

    /** Whether it takes work now or when it has a slot again. */
    boolean isUsable(String workerId, int leases, long nowMillis) {
        var record = records.get(workerId);
        boolean stopping = record.status != null && record.status.draining();
        boolean resting = record.ejected && (leases > 0 || nowMillis < record.probeAtMillis);
        return !stopping && !resting && !isSilent(workerId, nowMillis);
    }

    /** Milliseconds from lease to result, a moving average; infinite before the first. */
    double meanServiceMillis(String workerId) {
        return records.get(workerId).meanServiceMillis;
    }
}
