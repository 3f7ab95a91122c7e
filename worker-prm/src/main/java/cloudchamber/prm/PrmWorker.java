package cloudchamber.prm;

import cloudchamber.protocol.Role;
import cloudchamber.protocol.control.WorkPort;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.prm.Score;
import cloudchamber.protocol.prm.ScoreRequest;
import cloudchamber.protocol.prm.ScoreResult;
import cloudchamber.protocol.prm.Scored;
import cloudchamber.worker.Requests;
import cloudchamber.worker.Worker;
import java.util.List;
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
                new Scorings(),
                Score.class,
                score -> new Requests.Batch<>(score.requests(), score.dispatcher(), score.replyTo()),
                WorkPort.Prm::new,
                node);
    }

    private static final class Scorings implements Requests<ScoreRequest, ScoreResult, Scored> {
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
        public Scored envelope(String workerId, List<ScoreResult> results) {
            return new Scored(workerId, results);
        }
    }
}
