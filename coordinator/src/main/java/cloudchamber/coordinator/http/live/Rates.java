package cloudchamber.coordinator.http.live;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** How fast running totals grow, over the last seconds. */
final class Rates {
    private static final long WINDOW_MILLIS = 5000;

    private record Reading(long total, long atMillis) {}

    private final Map<String, Deque<Reading>> readings = new HashMap<>();

    /** Notes a running total. One that has fallen, as its owner started anew, starts anew here. */
    void count(String name, long total, long nowMillis) {
        var known = readings.computeIfAbsent(name, unknown -> new ArrayDeque<>());
        if (!known.isEmpty() && total < known.getLast().total()) {
            known.clear();
        }
        known.addLast(new Reading(total, nowMillis));
        forget(nowMillis);
    }

    /** Growth a second; 0 before there are two readings. */
    double perSecond(String name, long nowMillis) {
        var known = readings.get(name);
        if (known == null || known.size() < 2) {
            return 0;
        }
        long millis = known.getLast().atMillis() - known.getFirst().atMillis();
        return millis <= 0 ? 0 : (known.getLast().total() - known.getFirst().total()) * 1000.0 / millis;
    }

    private void forget(long nowMillis) {
        readings.values().forEach(known -> {
            while (known.size() > 1 && nowMillis - known.getFirst().atMillis() > WINDOW_MILLIS) {
                known.removeFirst();
            }
        });
        readings.values().removeIf(known -> nowMillis - known.getLast().atMillis() > WINDOW_MILLIS);
    }
}
