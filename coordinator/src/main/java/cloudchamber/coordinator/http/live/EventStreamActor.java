package cloudchamber.coordinator.http.live;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * The actor behind one stream of events. The connection pulls; what there is to say meanwhile is kept by a
 * {@link Content}, which knows how to make little of it, so that a slow reader costs a bounded amount.
 *
 * @param <U> what the content is told of
 */
public final class EventStreamActor<U> {
    /** Between two chunks of a stream that tells of much at once. */
    public static final Duration PAUSE = Duration.ofMillis(250);

    // ---- protocol

    public sealed interface Command<U> {}

    /** The connection can take more. */
    private record Pull<U>(ActorRef<Chunk> replyTo) implements Command<U> {}

    /** Something the content is told of. */
    public record Told<U>(U update) implements Command<U> {}

    /** The pause after the last chunk is over. */
    private record Rested<U>() implements Command<U> {}

    private record Beat<U>() implements Command<U> {}

    /** The connection is gone. */
    private record Closed<U>() implements Command<U> {}

    private record Chunk(ByteString bytes, boolean last) {}

    /** The content of a stream. Lives in its actor. */
    public interface Content<U> {
        /** Asks to be told, from where the content stands. Called at the start and every few seconds. */
        void follow(ActorContext<Command<U>> context);

        void take(U update);

        /** What there is to say now, which counts as said; empty if nothing. */
        ByteString next();

        /** Whether nothing will follow once {@link #next} is empty. */
        boolean over();
    }

    // ---- creation

    private static final Duration BEAT_INTERVAL = Duration.ofSeconds(5);
    private static final int BEATS_BETWEEN_PINGS = 2;
    private static final Duration PULL_LIMIT = Duration.ofMinutes(1);

    /**
     * A stream of events.
     *
     * @param pause between two chunks, in which what is said is gathered; zero for none
     */
    public static <U> Source<ByteString, NotUsed> source(ActorSystem<?> system, Content<U> content, Duration pause) {
        return Source.lazySource(() -> {
                    ActorRef<Command<U>> stream =
                            system.systemActorOf(create(content, pause), "events-" + UUID.randomUUID(), Props.empty());
                    return Source.unfoldAsync(true, more -> {
                                if (!more) {
                                    return CompletableFuture.completedStage(Optional.empty());
                                }
                                return AskPattern.<Command<U>, Chunk>ask(
                                                stream, Pull::new, PULL_LIMIT, system.scheduler())
                                        .thenApply(chunk -> Optional.of(Pair.create(!chunk.last(), chunk.bytes())));
                            })
                            .watchTermination((nothing, done) -> {
                                done.whenComplete((finished, failure) -> stream.tell(new Closed<>()));
                                return nothing;
                            });
                })
                .mapMaterializedValue(nothing -> NotUsed.getInstance());
    }

    private static <U> Behavior<Command<U>> create(Content<U> content, Duration pause) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new Beat<>(), BEAT_INTERVAL);
            content.follow(context);
            return new EventStreamActor<>(context, timers, content, pause).feeding();
        }));
    }

    private final ActorContext<Command<U>> context;
    private final TimerScheduler<Command<U>> timers;
    private final Content<U> content;
    private final Duration pause;
    private ActorRef<Chunk> waiting;
    private boolean resting;
    private int silentBeats;

    private EventStreamActor(
            ActorContext<Command<U>> context, TimerScheduler<Command<U>> timers, Content<U> content, Duration pause) {
        this.context = context;
        this.timers = timers;
        this.content = content;
        this.pause = pause;
    }

    // ---- behaviour

    private Behavior<Command<U>> feeding() {
        return Behaviors.receiveMessage(command -> switch (command) {
            case Pull<U>(var replyTo) -> {
                waiting = replyTo;
                answer();
                yield Behaviors.same();
            }
            case Told<U>(var update) -> {
                content.take(update);
                answer();
                yield Behaviors.same();
            }
            case Rested<U>() -> {
                resting = false;
                answer();
                yield Behaviors.same();
            }
            case Beat<U>() -> {
                onBeat();
                yield Behaviors.same();
            }
            case Closed<U>() -> {
                yield Behaviors.stopped();
            }
        });
    }

    private void onBeat() {
        if (!content.over()) {
            content.follow(context);
        }
        answer();
        if (waiting != null && ++silentBeats >= BEATS_BETWEEN_PINGS) {
            send(ServerEvents.PING, false);
        }
    }

    private void answer() {
        if (waiting == null || resting) {
            return;
        }
        var bytes = content.next();
        if (!bytes.isEmpty()) {
            send(bytes, false);
            if (pause.isPositive()) {
                resting = true;
                timers.startSingleTimer(new Rested<>(), pause);
            }
        } else if (content.over()) {
            send(ByteString.emptyByteString(), true);
        }
    }

    private void send(ByteString bytes, boolean last) {
        waiting.tell(new Chunk(bytes, last));
        waiting = null;
        silentBeats = 0;
    }
}
