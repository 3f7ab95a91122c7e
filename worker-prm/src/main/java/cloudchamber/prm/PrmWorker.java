package cloudchamber.prm;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.Score;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.Scored;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.worker.PrefixStore;
import cloudchamber.worker.Requests;
import cloudchamber.worker.Worker;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.Behavior;

/** The worker in front of one {@link StepScorer}. */
public final class PrmWorker {
    private PrmWorker() {}

    /**
     * @param node the address of the cluster member, for people
     */
    public static Behavior<Worker.Command<ScoreRequest, ScoreResult, Scored>> create(StepScorer scorer, String node) {
        return Worker.create(
                Role.PRM,
                scorer,
                requests(),
                Score.class,
                score -> new Requests.Batch<>(score.requests(), score.dispatcher(), score.replyTo()),
                WorkPort.Prm::new,
                node);
    }

    /** How the shell sees requests to score. */
    public static Requests<ScoreRequest, ScoreResult, Scored> requests() {
        return new Scorings();
    }

    private static final class Scorings implements Requests<ScoreRequest, ScoreResult, Scored> {
        /** Of a result without its scores. */
        private static final int RESULT_BYTES = 1024;

        private static final int BYTES_A_SCORE = 9;

        @Override
        public long lease(ScoreRequest request) {
            return request.lease();
        }

        @Override
        public String model(ScoreRequest request) {
            return request.model();
        }

        @Override
        public Usage usage(ScoreResult result) {
            return result.usage();
        }

        @Override
        public Optional<Refusal> refusal(ScoreResult result) {
            return switch (result) {
                case ScoreResult.PrefixScored scored -> Optional.empty();
                case ScoreResult.NotScored refused -> Optional.of(refused.refusal());
            };
        }

        @Override
        public ScoreResult refuse(ScoreRequest request, Refusal refusal) {
            return new ScoreResult.NotScored(request.key(), request.lease(), refusal, Usage.NONE);
        }

        @Override
        public Optional<ScoreRequest> whole(ScoreRequest request, PrefixStore held) {
            if (request.held() == null) {
                tell(request, held);
                return Optional.of(request);
            }
            var node = request.node();
            return held.find(new NodeReference(node.job(), node.problem(), request.parent()), request.held())
                    .map(above -> above.plus(request.prefix().getFirst()))
                    .map(prefix -> {
                        held.told(node, prefix);
                        return request.whole(prefix.prompt(), prefix.steps());
                    });
        }

        /** The siblings that follow name the parent alone, so it is held as well. */
        private static void tell(ScoreRequest request, PrefixStore held) {
            var node = request.node();
            var prefix = new PrefixStore.Prefix(request.prompt(), request.prefix());
            prefix.parent()
                    .ifPresent(
                            above -> held.told(new NodeReference(node.job(), node.problem(), request.parent()), above));
            held.told(node, prefix);
        }

        @Override
        public void keep(ScoreRequest request, ScoreResult result, PrefixStore held) {
            // The request brought its step; a score adds nothing to build on.
        }

        @Override
        public ScoreResult sized(ScoreRequest request, ScoreResult result) {
            return switch (result) {
                case ScoreResult.PrefixScored(var key, var lease, var logOdds, var usage)
                when logOdds.stream().anyMatch(score -> score.isNaN()) ->
                    new ScoreResult.NotScored(
                            key,
                            lease,
                            new Refusal(
                                    Refusal.Category.BACKEND_INVALID,
                                    "scores must be probabilities in [0, 1]: one was NaN or out of range"),
                            usage);
                case ScoreResult.PrefixScored scored -> scored;
                case ScoreResult.NotScored refused -> refused;
            };
        }

        @Override
        public long bytes(ScoreResult result) {
            return switch (result) {
                case ScoreResult.PrefixScored scored ->
                    RESULT_BYTES + (long) BYTES_A_SCORE * scored.logOdds().size();
                case ScoreResult.NotScored refused -> RESULT_BYTES;
            };
        }

        @Override
        public Scored envelope(String workerId, List<ScoreResult> results, SlotOffer offer) {
            return new Scored(workerId, results, offer);
        }
    }
}
