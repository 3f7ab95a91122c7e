package cloudchamber.coordinator.http.live;

import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.job.JobView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.BroadcastHub;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * The events of jobs, for all who read them on this node: a job is followed once, and what happens is written down
 * once, however many look. Safe for many threads.
 */
final class JobStreams {
    /*
     * Each reader begins with a snapshot of its own, read after it has joined, so that nothing is missed; what it is
     * told twice is the same. A reader that falls far behind is cut off: who comes back gets a snapshot, which costs
     * less than what was missed. Whoever reads a job first starts its stream, whoever leaves last ends it.
     */
    private static final int HUB_CHUNKS = 16;
    /** More than half a minute of bursts. */
    private static final int MAX_WAITING_CHUNKS = 128;

    /** One job's stream while it has readers. */
    private static final class Shared {
        private final Source<ByteString, NotUsed> events;
        private final UniqueKillSwitch end;
        private int readers;

        Shared(Source<ByteString, NotUsed> events, UniqueKillSwitch end) {
            this.events = events;
            this.end = end;
        }
    }

    private final Api api;
    private final Map<String, Shared> jobs = new HashMap<>();

    JobStreams(Api api) {
        this.api = api;
    }

    /**
     * The events of a job: {@code snapshot} first, then as {@link JobEventStream} tells them.
     *
     * @param lines the job's problems, the first {@value JobEventStream#MAX_LINES} of them
     */
    Source<ByteString, NotUsed> of(JobView job, List<ProblemLine> lines) {
        if (JobEventStream.ended(job)) {
            return Source.single(JobEventStream.snapshot(job, lines).concat(JobEventStream.end(job)));
        }
        return Source.lazySource(() -> reader(job, lines)).mapMaterializedValue(later -> NotUsed.getInstance());
    }

    private synchronized Source<ByteString, NotUsed> reader(JobView job, List<ProblemLine> lines) {
        var shared = jobs.computeIfAbsent(job.id(), id -> start(job, lines));
        shared.readers++;
        // The stream may have ended before this reader joined it.
        var rest = shared.events
                .buffer(MAX_WAITING_CHUNKS, OverflowStrategy.fail())
                .orElse(Source.lazyCompletionStage(() -> view(job.id()).thenApply(JobEventStream::end)));
        return Source.lazyCompletionStage(() -> snapshot(job.id())).concat(rest).watchTermination((nothing, done) -> {
            done.whenComplete((finished, failure) -> left(job.id(), shared));
            return NotUsed.getInstance();
        });
    }

    private Shared start(JobView job, List<ProblemLine> lines) {
        Pair<UniqueKillSwitch, Source<ByteString, NotUsed>> started = EventStreamActor.source(
                        api.system(), new JobEventStream(api, job, lines), EventStreamActor.PAUSE)
                .viaMat(KillSwitches.single(), Keep.right())
                .toMat(BroadcastHub.of(ByteString.class, 1, HUB_CHUNKS), Keep.both())
                .run(api.system());
        return new Shared(started.second(), started.first());
    }

    private synchronized void left(String job, Shared shared) {
        shared.readers--;
        if (shared.readers == 0) {
            jobs.remove(job, shared);
            shared.end.shutdown();
        }
    }

    private CompletionStage<ByteString> snapshot(String job) {
        return view(job)
                .thenCombine(
                        api.lines(job, JobEventStream.MAX_LINES),
                        (view, lines) -> JobEventStream.snapshot(view, lines));
    }

    private CompletionStage<JobView> view(String job) {
        return api.jobView(job).thenApply(reply -> reply.view());
    }
}
