package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.WireLimits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The requests of one distribution, by worker, in batches that the wire takes. */
final class Requests {
    /** What a request takes beside its texts. */
    private static final long REQUEST_BYTES = 1024;

    private static final class Batches<Q> {
        private final List<List<Q>> batches = new ArrayList<>();
        private long bytes;

        void add(Q request, long more) {
            if (batches.isEmpty() || bytes + REQUEST_BYTES + more > WireLimits.MAX_BATCH_BYTES) {
                batches.add(new ArrayList<>());
                bytes = 0;
            }
            batches.getLast().add(request);
            bytes += REQUEST_BYTES + more;
        }
    }

    private final Map<String, Batches<ExtendRequest>> extensions = new LinkedHashMap<>();
    private final Map<String, Batches<ScoreRequest>> scorings = new LinkedHashMap<>();

    /** @param held whether the worker holds the prefix, so that naming its node is enough */
    void add(Leases.Lease lease, boolean held) {
        var attempt = lease.piece().attempts;
        switch (lease.piece().work) {
            case Work.Extension work -> {
                var whole = request(work, attempt, lease.id());
                extensions
                        .computeIfAbsent(lease.workerId(), id -> new Batches<>())
                        .add(held ? whole.brief() : whole, held ? 0 : bytes(work));
            }
            case Work.Scoring work -> {
                var whole = request(work, attempt, lease.id());
                scorings.computeIfAbsent(lease.workerId(), id -> new Batches<>())
                        .add(
                                held ? whole.brief() : whole,
                                held ? WireLimits.bytes(List.of(work.prefix().getLast())) : bytes(work));
            }
        }
    }

    List<DispatchEffect> effects() {
        var effects = new ArrayList<DispatchEffect>();
        extensions.forEach((worker, batches) ->
                batches.batches.forEach(batch -> effects.add(new DispatchEffect.SendExtend(worker, batch))));
        scorings.forEach((worker, batches) ->
                batches.batches.forEach(batch -> effects.add(new DispatchEffect.SendScore(worker, batch))));
        return effects;
    }

    /** The size of all that a piece of work may have to send. */
    static long bytes(Work work) {
        return WireLimits.bytes(work.prompt(), work.prefix());
    }

    private static ExtendRequest request(Work.Extension work, int attempt, long lease) {
        return new ExtendRequest(
                new AttemptKey(work.key(), attempt),
                lease,
                work.model(),
                work.prompt(),
                work.parent(),
                work.prefix(),
                work.sampling(),
                work.seed(),
                work.stops(),
                work.maxStepTokens(),
                work.maxTokens(),
                work.node().node(),
                work.maxThinkingTokens(),
                null);
    }

    private static ScoreRequest request(Work.Scoring work, int attempt, long lease) {
        return new ScoreRequest(
                new AttemptKey(work.key(), attempt),
                lease,
                work.model(),
                work.prompt(),
                work.node(),
                work.prefix(),
                work.parent().node(),
                null);
    }
}
