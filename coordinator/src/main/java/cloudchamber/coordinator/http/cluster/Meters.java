package cloudchamber.coordinator.http.cluster;

import cloudchamber.coordinator.dispatch.DispatchCounts;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.Workers;
import cloudchamber.coordinator.job.JobFact;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.Waiting;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.problem.ProblemFact;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.wire.Role;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Counts what happens on one node, for Prometheus. No label names a job, a problem or a tenant. */
public final class Meters {

    // ---- protocol

    public sealed interface Command {}

    /**
     * Answers with everything counted, in Prometheus's text format.
     *
     * @param status of this node's dispatcher
     */
    record Scrape(Dispatcher.Status status, ActorRef<Scraped> replyTo) implements Command {}

    record Scraped(String text) {}

    private record OfProblem(ProblemFact fact) implements Command {}

    private record OfJob(JobFact fact) implements Command {}

    // ---- creation

    private static final String PREFIX = "cloudchamber.";

    public static Behavior<Command> create() {
        return Behaviors.setup(context -> {
            var events = context.getSystem().eventStream();
            events.tell(new EventStream.Subscribe<>(
                    ProblemFact.class, context.messageAdapter(ProblemFact.class, OfProblem::new)));
            events.tell(new EventStream.Subscribe<>(JobFact.class, context.messageAdapter(JobFact.class, OfJob::new)));
            return new Meters().counting();
        });
    }

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, JobStatus> jobs = new HashMap<>();
    private final Map<String, Set<String>> waiting = new HashMap<>();
    private final Set<List<String>> problems = new HashSet<>();
    private final Map<List<String>, Integer> particles = new HashMap<>();
    private final Histogram essRatio = fractions(
            "ess_ratio", "Effective sample size over particles when a round closed", .05, .1, .25, .5, .75, .9, 1);
    private final Histogram scores =
            fractions("prm_score", "The PRM's probability of each step", .05, .1, .25, .5, .75, .9, .95, 1);
    private final Timer rounds = Timer.builder(PREFIX + "round.duration")
            .description("From the opening of a round to its end")
            .serviceLevelObjectives(
                    Duration.ofMillis(10),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(1))
            .register(registry);
    private final Timer checkpoints = Timer.builder(PREFIX + "checkpoint")
            .description("From the end of a round until it was stored")
            .serviceLevelObjectives(
                    Duration.ofMillis(2),
                    Duration.ofMillis(5),
                    Duration.ofMillis(10),
                    Duration.ofMillis(50),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(1))
            .register(registry);
    private final Counter resamples = registry.counter(PREFIX + "resamples");
    private final MultiGauge jobsByState = gauge("jobs", "Jobs on this node that are not over");
    private final MultiGauge waitingJobs = gauge("jobs.waiting", "Jobs on this node by what they wait for");
    private final MultiGauge inFlight = gauge("problems.inflight", "Problems that run on this node");
    private final MultiGauge live = gauge("particles.live", "Particles of the problems that run on this node");
    private final MultiGauge queue = gauge("queue.depth", "Pieces of work that wait on this node");
    private final MultiGauge up = gauge("worker.up", "Workers that take work");
    private final MultiGauge slots = gauge("worker.slots", "Slots of the workers this node knows");

    private DispatchCounts dispatch = DispatchCounts.NONE;

    private Meters() {
        registry.getPrometheusRegistry().register((Collector) () -> DispatchMetrics.durations(dispatch));
        registry.getPrometheusRegistry().register((Collector) () -> DispatchMetrics.retries(dispatch));
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        for (var status : List.of(ProblemStatus.SUCCEEDED, ProblemStatus.FAILED, ProblemStatus.CANCELLED)) {
            ended("problems.ended", Api.name(status));
            ended("jobs.ended", Api.name(status));
        }
    }

    /** Micrometer's own histograms round up to whole numbers. */
    private Histogram fractions(String name, String help, double... bounds) {
        return Histogram.builder()
                .name("cloudchamber_" + name)
                .help(help)
                .classicOnly()
                .withoutExemplars()
                .classicUpperBounds(bounds)
                .register(registry.getPrometheusRegistry());
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(PREFIX + name).description(description).register(registry);
    }

    // ---- behaviour

    private Behavior<Command> counting() {
        return Behaviors.receiveMessage(command -> {
            switch (command) {
                case OfProblem(var fact) -> count(fact);
                case OfJob(var fact) -> count(fact);
                case Scrape(var status, var replyTo) -> {
                    dispatch = status.counts();
                    gauge(status);
                    replyTo.tell(new Scraped(registry.scrape()));
                }
            }
            return Behaviors.same();
        });
    }

    private void count(ProblemFact fact) {
        switch (fact) {
            case ProblemFact.Running(var job, var problem) -> problems.add(List.of(job, problem));
            case ProblemFact.RoundClosed closed -> {
                particles.put(List.of(closed.job(), closed.problem()), closed.particles());
                closed.essRatios().forEach(essRatio::observe);
                resamples.increment(closed.resamplings());
                closed.scores().forEach(scores::observe);
                rounds.record(Duration.ofMillis(Math.max(0, closed.millis())));
                checkpoints.record(Duration.ofMillis(Math.max(0, closed.storingMillis())));
                count(closed.cost());
            }
            case ProblemFact.Left(var job, var problem) -> forget(List.of(job, problem));
            case ProblemFact.Ended(var job, var problem, var status) -> {
                forget(List.of(job, problem));
                ended("problems.ended", Api.name(status)).increment();
            }
        }
    }

    private void forget(List<String> problem) {
        problems.remove(problem);
        particles.remove(problem);
    }

    private void count(Cost cost) {
        tokens(Role.POLICY, "prompt", cost.promptTokens());
        tokens(Role.POLICY, "cached", cost.cachedTokens());
        tokens(Role.POLICY, "completion", cost.completionTokens());
        tokens(Role.PRM, "prompt", cost.prmTokens());
        registry.counter(PREFIX + "tokens", "pool", "any", "kind", "discarded").increment(cost.wastedTokens());
    }

    private void tokens(Role pool, String kind, long tokens) {
        registry.counter(PREFIX + "tokens", "pool", pool.id(), "kind", kind).increment(tokens);
    }

    private void count(JobFact fact) {
        switch (fact) {
            case JobFact.Left(var job) -> forgetJob(job);
            case JobFact.Stands(var job, var status, var waits) -> {
                switch (status) {
                    case QUEUED, RUNNING -> {
                        jobs.put(job, status);
                        waiting.put(job, waits.stream().map(Meters::kind).collect(Collectors.toSet()));
                    }
                    case SUCCEEDED, FAILED, CANCELLED -> {
                        if (forgetJob(job)) {
                            ended("jobs.ended", Api.name(status)).increment();
                        }
                    }
                }
            }
        }
    }

    /** @return whether it was known */
    private boolean forgetJob(String job) {
        waiting.remove(job);
        return jobs.remove(job) != null;
    }

    /** {@code policy}, {@code prm}, {@code places} or {@code database}. */
    private static String kind(Waiting waiting) {
        return waiting.what().split(" ", 2)[0];
    }

    private Counter ended(String name, String state) {
        return registry.counter(PREFIX + name, "state", state);
    }

    // ---- gauges, which are set when somebody asks

    private void gauge(Dispatcher.Status status) {
        var byState = jobs.values().stream().collect(Collectors.groupingBy(Api::name, Collectors.counting()));
        set(
                jobsByState,
                List.of(
                        row(byState.getOrDefault("queued", 0L), "state", "queued"),
                        row(byState.getOrDefault("running", 0L), "state", "running")));
        set(
                waitingJobs,
                Stream.of(Role.POLICY.id(), Role.PRM.id(), "places", "database")
                        .map(kind -> row(
                                waiting.values().stream()
                                        .filter(kinds -> kinds.contains(kind))
                                        .count(),
                                "for",
                                kind))
                        .toList());
        set(inFlight, List.of(row(problems.size())));
        set(
                live,
                List.of(row(particles.values().stream().mapToInt(count -> count).sum())));
        set(
                queue,
                List.of(
                        row(sum(status.waitingForPolicy()), "pool", Role.POLICY.id()),
                        row(sum(status.waitingForPrm()), "pool", Role.PRM.id())));
        var ups = new ArrayList<MultiGauge.Row<Number>>();
        var slotRows = new ArrayList<MultiGauge.Row<Number>>();
        for (var role : List.of(Role.POLICY, Role.PRM)) {
            var workers = status.workers().stream()
                    .filter(worker -> worker.announcement().role() == role)
                    .toList();
            ups.add(row(
                    workers.stream()
                            .filter(worker -> Workers.serves(worker, role))
                            .count(),
                    "pool",
                    role.id()));
            slotRows.add(row(
                    workers.stream()
                            .mapToInt(worker -> worker.announcement().slots())
                            .sum(),
                    "pool",
                    role.id(),
                    "state",
                    "all"));
            slotRows.add(row(
                    workers.stream()
                            .mapToInt(worker -> worker.status().running())
                            .sum(),
                    "pool",
                    role.id(),
                    "state",
                    "busy"));
        }
        set(up, ups);
        set(slots, slotRows);
    }

    private static int sum(Map<String, Integer> waiting) {
        return waiting.values().stream().mapToInt(works -> works).sum();
    }

    private static MultiGauge.Row<Number> row(Number value, String... tags) {
        return MultiGauge.Row.of(Tags.of(tags), value);
    }

    private static void set(MultiGauge gauge, List<MultiGauge.Row<Number>> rows) {
        gauge.register(new ArrayList<MultiGauge.Row<?>>(rows), true);
    }
}
