package cloudchamber.coordinator.dispatch;

import cloudchamber.coordinator.dispatch.DispatchCounts.Durations;
import cloudchamber.coordinator.dispatch.DispatchCounts.Phase;
import cloudchamber.protocol.model.Refusal;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Counts for {@link DispatchCounts}. */
final class Tally {
    private static final class Sum {
        final long[] counts = new long[DispatchCounts.BOUNDS_SECONDS.size() + 1];
        long millis;
    }

    private final Map<Phase, Sum> sums = new EnumMap<>(Phase.class);
    private final Map<String, Long> retries = new TreeMap<>();

    /** A piece of work was delivered under its lease. */
    void served(Leases.Lease lease, long nowMillis) {
        var phase = switch (lease.piece().work) {
            case Work.Extension extension -> Phase.GENERATE;
            case Work.Scoring scoring -> Phase.SCORE;
        };
        took(phase, nowMillis - lease.sinceMillis());
        took(Phase.WAIT, lease.sinceMillis() - lease.piece().arrivalMillis);
    }

    private void took(Phase phase, long millis) {
        var sum = sums.computeIfAbsent(phase, first -> new Sum());
        sum.counts[number(millis / 1000.0)]++;
        sum.millis += millis;
    }

    private static int number(double seconds) {
        int number = 0;
        while (number < DispatchCounts.BOUNDS_SECONDS.size() && seconds > DispatchCounts.BOUNDS_SECONDS.get(number)) {
            number++;
        }
        return number;
    }

    void retried(Refusal.Category reason) {
        retries.merge(reason.name().toLowerCase(Locale.ROOT).replace('_', '-'), 1L, Long::sum);
    }

    DispatchCounts counts() {
        var durations = new EnumMap<Phase, Durations>(Phase.class);
        sums.forEach((phase, sum) -> durations.put(
                phase, new Durations(LongStream.of(sum.counts).boxed().toList(), sum.millis / 1000.0)));
        return new DispatchCounts(durations, retries);
    }
}
