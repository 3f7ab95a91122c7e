package cloudchamber.coordinator.http.cluster;

import cloudchamber.coordinator.dispatch.DispatchCounts;
import cloudchamber.coordinator.http.api.Api;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.stream.DoubleStream;

/** What a dispatcher counted, as Prometheus has it. It counts itself, so that no step costs an event. */
final class DispatchMetrics {
    private static final double[] BOUNDS = DoubleStream.concat(
                    DispatchCounts.BOUNDS_SECONDS.stream().mapToDouble(bound -> bound),
                    DoubleStream.of(Double.POSITIVE_INFINITY))
            .toArray();

    private DispatchMetrics() {}

    static HistogramSnapshot durations(DispatchCounts counts) {
        var histogram = HistogramSnapshot.builder()
                .name("cloudchamber_step_duration_seconds")
                .help("Of steps and scores: with their worker, and waiting for one");
        counts.durations()
                .forEach((phase, durations) -> histogram.dataPoint(HistogramDataPointSnapshot.builder()
                        .labels(Labels.of("phase", Api.name(phase)))
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(
                                BOUNDS,
                                durations.counts().stream()
                                        .mapToLong(count -> count)
                                        .toArray()))
                        .sum(durations.seconds())
                        .build()));
        return histogram.build();
    }

    static CounterSnapshot retries(DispatchCounts counts) {
        var counter = CounterSnapshot.builder().name("cloudchamber_retries").help("Pieces of work put back, by reason");
        counts.retries()
                .forEach((reason, count) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of("reason", reason))
                        .value(count)
                        .build()));
        return counter.build();
    }
}
