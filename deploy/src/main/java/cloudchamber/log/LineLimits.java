package cloudchamber.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which lines of a log are written: of lines that are alike the first three, then one a minute. A line that did not
 * come for a minute is new again.
 */
final class LineLimits {
    /** What becomes of a line. */
    sealed interface Decision {
        /** @param leftOut how many like it were left out since the last that was written */
        record Write(long leftOut) implements Decision {}

        record LeaveOut() implements Decision {}
    }

    /** Lines like one of them were left out, and no more came. */
    record Rest(String line, long leftOut) {}

    private static final int AT_FIRST = 3;
    private static final long MINUTE_MILLIS = 60_000;
    /** Kinds of lines that are remembered; of more, those go that did not come for the longest time. */
    private static final int MAX_KINDS = 1000;

    private static final class Kind {
        private String first;
        private int written;
        private long lastCameMillis;
        private long lastWrittenMillis;
        private long leftOut;
    }

    private final Map<String, Kind> kinds = new LinkedHashMap<>(MAX_KINDS, .75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
            return size() > MAX_KINDS;
        }
    };

    /** @param nowMillis of a clock that never goes back */
    Decision decide(String line, long nowMillis) {
        var kind = kinds.computeIfAbsent(alike(line), fresh -> new Kind());
        if (kind.written > 0 && nowMillis - kind.lastCameMillis >= MINUTE_MILLIS) {
            kind.written = 0;
        }
        kind.lastCameMillis = nowMillis;
        if (kind.written >= AT_FIRST && nowMillis - kind.lastWrittenMillis < MINUTE_MILLIS) {
            kind.leftOut++;
            return new Decision.LeaveOut();
        }
        kind.first = line;
        kind.written++;
        kind.lastWrittenMillis = nowMillis;
        long leftOut = kind.leftOut;
        kind.leftOut = 0;
        return new Decision.Write(leftOut);
    }

    /** The kinds of which lines were left out and none came for a minute; each is told once. */
    List<Rest> rests(long nowMillis) {
        var rests = new ArrayList<Rest>();
        for (var kind : kinds.values()) {
            if (kind.leftOut > 0 && nowMillis - kind.lastCameMillis >= MINUTE_MILLIS) {
                rests.add(new Rest(kind.first, kind.leftOut));
                kind.leftOut = 0;
            }
        }
        return rests;
    }

    /** Lines are alike that differ in numbers and in ids alone. */
    private static String alike(String line) {
        return line.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+", "#");
    }
}
