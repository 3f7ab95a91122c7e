package cloudchamber.coordinator.http.live;

import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemUpdate;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.protocol.model.method.MethodSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.util.ByteString;

/**
 * The events of one problem: {@code snapshot}, then one {@code round} for each that closes, then {@code
 * end}. A client that comes back goes on after the last round it had; one whose last event is from the
 * future or from another problem gets a snapshot first, and all rounds.
 */
final class ProblemEventStream implements EventStreamActor.Content<ProblemEventStream.Heard> {
    /*
     * A round that a slow reader leaves waiting is dropped once there are several; the problem has it, and
     * is asked again when the reader has caught up. So a stream holds few rounds, and no reader misses one.
     */

    sealed interface Heard {
        record OfProblem(ProblemUpdate update) implements Heard {}

        /** @param line empty if it is gone or could not be read */
        record OfLine(Optional<ProblemLine> line) implements Heard {}
    }

    /** What a stream begins with: the client forgets what it knew. */
    record Snapshot(
            String job,
            String problem,
            String question,
            ProblemStatus status,
            MethodSettings method,
            String policy,
            String prm,
            long seed) {}

    private static final int MAX_WAITING = 8;
    private static final String END = "end";

    private final Api api;
    private final JobView job;
    private final ProblemLine line;
    private final String name;
    private final Deque<ProblemUpdate.RoundView> rounds = new ArrayDeque<>();
    private ActorRef<ProblemUpdate> follower;
    private boolean snapshotDue;
    private int resumeAfter;
    private int lastTaken = -1;
    private boolean opened;
    private boolean nextIsFirst;
    private boolean behind;
    private boolean startsOver;
    private ProblemStatus status;
    private ProblemUpdate.EndView end;
    private boolean over;

    /** @param lastEventId what the client says it had last */
    ProblemEventStream(Api api, JobView job, ProblemLine line, Optional<String> lastEventId) {
        this.api = api;
        this.job = job;
        this.line = line;
        this.name = name(job.id(), line.id());
        this.status = line.status();
        this.resumeAfter = lastEventId.map(this::roundOf).orElse(-1);
        this.snapshotDue = resumeAfter < 0;
        this.lastTaken = Math.max(-1, resumeAfter);
    }

    /** A short name of the problem, different from others' with near certainty. */
    private static String name(String job, String problem) {
        var sum = new CRC32C();
        sum.update((job + "/" + problem).getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(sum.getValue());
    }

    /** The round of an event of this problem; -1 if the event is another's. */
    private int roundOf(String eventId) {
        var prefix = name + "-";
        if (!eventId.startsWith(prefix)) {
            return -1;
        }
        try {
            return Math.max(-1, Integer.parseInt(eventId.substring(prefix.length())));
        } catch (NumberFormatException noRound) {
            return -1;
        }
    }

    @Override
    public void follow(ActorContext<EventStreamActor.Command<Heard>> context) {
        if (follower == null) {
            follower = context.messageAdapter(
                    ProblemUpdate.class, update -> new EventStreamActor.Told<>(new Heard.OfProblem(update)));
        }
        if (status == ProblemStatus.QUEUED && opened) {
            context.pipeToSelf(
                    api.line(job.id(), line.id()),
                    (now, failure) ->
                            new EventStreamActor.Told<>(new Heard.OfLine(failure == null ? now : Optional.empty())));
        }
        ask();
    }

    private void ask() {
        api.problem(job.id(), line.id()).tell(new Problem.Follow(follower, lastTaken, true));
    }

    @Override
    public void take(Heard heard) {
        switch (heard) {
            case Heard.OfProblem(var update) -> take(update);
            case Heard.OfLine(var now) -> {
                if (status == ProblemStatus.QUEUED) {
                    now.ifPresent(known -> endedBeforeItsStart(known.status()));
                }
            }
        }
    }

    /** A job that is cancelled does not tell the problems it never started. */
    private void endedBeforeItsStart(ProblemStatus now) {
        if (now == ProblemStatus.CANCELLED) {
            status = now;
            var view = ProblemView.notStarted(line.id(), line.question(), now);
            end = new ProblemUpdate.EndView(
                    now, null, List.of(), null, view.noEvidence(), List.of(), null, null, null, view.cost());
        }
    }

    private void take(ProblemUpdate update) {
        switch (update) {
            case ProblemUpdate.Opened(var problem, var now, var lastRound) -> {
                opened = true;
                startsOver = false;
                status = now;
                nextIsFirst = true;
                if (lastRound < lastTaken && rounds.isEmpty() && lastTaken == resumeAfter) {
                    startOver();
                }
                resumeAfter = -1;
                if (now == ProblemStatus.QUEUED) {
                    endedBeforeItsStart(line.status());
                }
            }
            case ProblemUpdate.RoundClosed(var problem, var round) -> take(round);
            case ProblemUpdate.Ended(var problem, var view) -> {
                if (!behind && !startsOver) {
                    end = view;
                    status = view.status();
                }
            }
        }
    }

    private void startOver() {
        lastTaken = -1;
        snapshotDue = true;
        startsOver = true;
        ask();
    }

    private void take(ProblemUpdate.RoundView round) {
        if (round.round() <= lastTaken || behind || startsOver) {
            return;
        }
        boolean missed = round.round() > lastTaken + 1 && !nextIsFirst;
        if (missed && rounds.isEmpty()) {
            ask();
            return;
        }
        if (missed || rounds.size() >= MAX_WAITING) {
            behind = true;
            return;
        }
        nextIsFirst = false;
        lastTaken = round.round();
        rounds.add(round);
    }

    @Override
    public ByteString next() {
        if (!opened) {
            return ByteString.emptyByteString();
        }
        if (snapshotDue) {
            snapshotDue = false;
            return ServerEvents.event("snapshot", snapshot());
        }
        if (!rounds.isEmpty()) {
            var round = rounds.removeFirst();
            if (rounds.isEmpty() && behind) {
                behind = false;
                ask();
            }
            return ServerEvents.event("round", name + "-" + round.round(), round);
        }
        if (end != null && !over) {
            over = true;
            return ServerEvents.event("end", name + "-" + END, end);
        }
        return ByteString.emptyByteString();
    }

    @Override
    public boolean over() {
        return over;
    }

    private Snapshot snapshot() {
        return new Snapshot(
                job.id(), line.id(), line.question(), status, job.method(), job.policy(), job.prm(), job.seed());
    }
}
