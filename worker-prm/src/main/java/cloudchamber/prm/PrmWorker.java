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
        public String refusal(ScoreResult result) {
            return switch (result) {
                case ScoreResult.PrefixScored scored -> "";
                case ScoreResult.NotScored refused -> refused.refusal().detail();
            };
        }

        @Override
        public ScoreResult refuse(ScoreRequest request, Refusal refusal) {
            return new ScoreResult.NotScored(request.key(), request.lease(), refusal, Usage.NONE);
        }

        @Override
        public Optional<ScoreRequest> whole(ScoreRequest request, PrefixStore held) {
            if (request.held() == null) {
                held.told(request.node(), new PrefixStore.Prefix(request.prompt(), request.prefix()));
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

        @Override
        public void keep(ScoreRequest request, ScoreResult result, PrefixStore held) {
            // The request brought its step; a score adds nothing to build on.
        }

        @Override
        public ScoreResult sized(ScoreRequest request, ScoreResult result) {
            return result;
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
