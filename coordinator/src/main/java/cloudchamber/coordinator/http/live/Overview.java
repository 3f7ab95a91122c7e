package cloudchamber.coordinator.http.live;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.live.NodeCounts.Ended;
import cloudchamber.coordinator.job.JobFact;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.problem.ProblemFact;
import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.util.ByteString;

/**
 * Counts what happens on a coordinator node, hears the same from the others, and tells those who follow how
 * the whole cluster does: once for all of them, at most four times a second, and only while somebody follows.
 */
public final class Overview {

    // ---- protocol

    public sealed interface Command {}

    record Follow(ActorRef<Sample> follower) implements Command {}

    /** What those who follow are told: an event, ready to be sent. */
    record Sample(ByteString event) {}

    private record OfNode(NodeCounts counts) implements Command {}

    /** The name of what crosses a wire. */
    static final class Names implements SerialNames {
        @Override
        public List<SerialName> names() {
            return List.of(SerialName.of("overview.node-counts.1", NodeCounts.class));
        }
    }

    private record FollowerStopped(ActorRef<Sample> follower) implements Command {}

    private record OfProblem(ProblemFact fact) implements Command {}

    private record OfJob(JobFact fact) implements Command {}

    private record Peers(Set<ActorRef<NodeCounts>> others) implements Command {}

    /** @param status empty if the dispatcher did not answer */
    private record Dispatch(Optional<Dispatcher.Status> status) implements Command {}

    private enum Tick implements Command {
        TICK
    }

    private enum ShareTick implements Command {
        SHARE_TICK
    }

    // ---- creation

    private static final ServiceKey<NodeCounts> KEY = ServiceKey.create(NodeCounts.class, "cloudchamber-overviews");
    private static final Duration SAMPLE_INTERVAL = Duration.ofMillis(250);
    private static final Duration SHARE_INTERVAL = Duration.ofMillis(500);
    private static final Duration DISPATCHER_LIMIT = Duration.ofSeconds(3);
    private static final long COUNTS_KEPT_MILLIS = 5000;

    /**
     * @param dispatcher of this node
     * @param clockMillis any clock that does not go back
     */
    public static Behavior<Command> create(
            String node, ActorRef<Dispatcher.Command> dispatcher, LongSupplier clockMillis) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            var events = context.getSystem().eventStream();
            events.tell(new EventStream.Subscribe<>(
                    ProblemFact.class, context.messageAdapter(ProblemFact.class, OfProblem::new)));
            events.tell(new EventStream.Subscribe<>(JobFact.class, context.messageAdapter(JobFact.class, OfJob::new)));
            var receptionist = context.getSystem().receptionist();
            // An actor of its own: the adapters of one actor are one reference, which the receptionist must not watch
            // twice.
            var self = context.getSelf();
            ActorRef<NodeCounts> heard = context.spawn(
                    Behaviors.receiveMessage(counts -> {
                        self.tell(new OfNode(counts));
                        return Behaviors.same();
                    }),
                    "heard");
            receptionist.tell(Receptionist.register(KEY, heard));
            receptionist.tell(Receptionist.subscribe(
                    KEY,
                    context.messageAdapter(
                            Receptionist.Listing.class, listing -> new Peers(listing.getServiceInstances(KEY)))));
            timers.startTimerWithFixedDelay(Tick.TICK, SAMPLE_INTERVAL);
            timers.startTimerWithFixedDelay(ShareTick.SHARE_TICK, SHARE_INTERVAL);
            return new Overview(context, node, dispatcher, clockMillis, heard).counting();
        }));
    }

    private record Heard(NodeCounts counts, long atMillis) {}

    private final ActorContext<Command> context;
    private final String node;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final LongSupplier clockMillis;
    private final ActorRef<NodeCounts> self;
    private final Set<ActorRef<Sample>> followers = new LinkedHashSet<>();
    private final Map<String, JobStatus> liveJobs = new HashMap<>();
    private final Set<List<String>> liveProblems = new HashSet<>();
    private final Map<String, Heard> heard = new HashMap<>();
    private final Rates rates = new Rates();
    private Set<ActorRef<NodeCounts>> others = Set.of();
    private Ended endedJobs = Ended.NONE;
    private Ended endedProblems = Ended.NONE;
    private boolean asking;
    private OverviewDocument last;
    private Sample lastSample;

    private Overview(
            ActorContext<Command> context,
            String node,
            ActorRef<Dispatcher.Command> dispatcher,
            LongSupplier clockMillis,
            ActorRef<NodeCounts> self) {
        this.context = context;
        this.node = node;
        this.dispatcher = dispatcher;
        this.clockMillis = clockMillis;
        this.self = self;
    }

    // ---- behaviour

    private Behavior<Command> counting() {
        return Behaviors.receiveMessage(command -> {
            switch (command) {
                case Follow(var follower) -> onFollow(follower);
                case FollowerStopped(var follower) -> followers.remove(follower);
                case OfProblem(var fact) -> count(fact);
                case OfJob(var fact) -> count(fact);
                case OfNode(var counts) -> heard.put(counts.node(), new Heard(counts, now()));
                case Peers(var all) -> others = all;
                case Dispatch(var status) -> onDispatch(status);
                case Tick.TICK -> onTick();
                case ShareTick.SHARE_TICK -> share();
            }
            return Behaviors.same();
        });
    }

    private void onFollow(ActorRef<Sample> follower) {
        if (followers.add(follower)) {
            context.watchWith(follower, new FollowerStopped(follower));
            if (followers.size() > 1 && lastSample != null) {
                follower.tell(lastSample);
            }
        }
    }

    private void count(ProblemFact fact) {
        switch (fact) {
            case ProblemFact.Running(var job, var problem) -> liveProblems.add(List.of(job, problem));
            case ProblemFact.RoundClosed closed -> {}
            case ProblemFact.Left(var job, var problem) -> liveProblems.remove(List.of(job, problem));
            case ProblemFact.Ended(var job, var problem, var status) -> {
                liveProblems.remove(List.of(job, problem));
                endedProblems = switch (status) {
                    case SUCCEEDED -> endedProblems.plus(1, 0, 0);
                    case FAILED -> endedProblems.plus(0, 1, 0);
                    case CANCELLED -> endedProblems.plus(0, 0, 1);
                    case QUEUED, RUNNING -> endedProblems;
                };
            }
        }
    }

    private void count(JobFact fact) {
        switch (fact) {
            case JobFact.Left(var job) -> liveJobs.remove(job);
            case JobFact.Stands(var job, var status, var waiting) -> {
                switch (status) {
                    case QUEUED, RUNNING -> liveJobs.put(job, status);
                    case SUCCEEDED, FAILED, CANCELLED -> {
                        if (liveJobs.remove(job) != null) {
                            endedJobs = switch (status) {
                                case SUCCEEDED -> endedJobs.plus(1, 0, 0);
                                case FAILED -> endedJobs.plus(0, 1, 0);
                                case CANCELLED -> endedJobs.plus(0, 0, 1);
                                case QUEUED, RUNNING -> endedJobs;
                            };
                        }
                    }
                }
            }
        }
    }

    private void onTick() {
        if (followers.isEmpty()) {
            last = null;
            lastSample = null;
        } else if (!asking) {
            asking = true;
            context.ask(
                    Dispatcher.Status.class,
                    dispatcher,
                    DISPATCHER_LIMIT,
                    Dispatcher.GetStatus::new,
                    (status, failure) -> new Dispatch(Optional.ofNullable(status)));
        }
    }

    private void onDispatch(Optional<Dispatcher.Status> status) {
        asking = false;
        status.ifPresent(dispatch -> {
            long now = now();
            heard.values().removeIf(counts -> now - counts.atMillis() > COUNTS_KEPT_MILLIS);
            var counts = Stream.concat(
                            Stream.of(counts()),
                            heard.values().stream()
                                    .map(Heard::counts)
                                    .filter(other -> !other.node().equals(node)))
                    .toList();
            var document = OverviewDocument.of(counts, dispatch, rates, now);
            if (!document.equals(last)) {
                last = document;
                lastSample = new Sample(ServerEvents.event("overview", document));
                followers.forEach(follower -> follower.tell(lastSample));
            }
        });
    }

    private void share() {
        if (others.size() > 1) {
            var counts = counts();
            others.stream().filter(other -> !other.equals(self)).forEach(other -> other.tell(counts));
        }
    }

    private NodeCounts counts() {
        int queued = (int)
                liveJobs.values().stream().filter(JobStatus.QUEUED::equals).count();
        return new NodeCounts(node, queued, liveJobs.size() - queued, liveProblems.size(), endedJobs, endedProblems);
    }

    private long now() {
        return clockMillis.getAsLong();
    }
}
