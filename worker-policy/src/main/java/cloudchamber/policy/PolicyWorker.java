package cloudchamber.policy;

import cloudchamber.protocol.Role;
import cloudchamber.protocol.control.WorkPort;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.policy.Extend;
import cloudchamber.protocol.policy.ExtendRequest;
import cloudchamber.protocol.policy.ExtendResult;
import cloudchamber.protocol.policy.Extended;
import cloudchamber.worker.Requests;
import cloudchamber.worker.Worker;
import java.util.List;
import org.apache.pekko.actor.typed.Behavior;

/** The worker in front of one {@link StepGenerator}. */
public final class PolicyWorker {
    private PolicyWorker() {}

    /**
     * @param node the address of the cluster member, for people
     */
    public static Behavior<Worker.Command<ExtendRequest, ExtendResult, Extended>> create(
            StepGenerator generator, String node) {
        return Worker.create(
                Role.POLICY,
                generator,
                new Extensions(),
                Extend.class,
                extend -> new Requests.Batch<>(extend.requests(), extend.dispatcher(), extend.replyTo()),
                WorkPort.Policy::new,
                node);
    }

    private static final class Extensions implements Requests<ExtendRequest, ExtendResult, Extended> {
        @Override
        public long lease(ExtendRequest request) {
            return request.lease();
        }

        @Override
        public String model(ExtendRequest request) {
            return request.model();
        }

        @Override
        public Usage usage(ExtendResult result) {
            return result.usage();
        }

        @Override
        public String refusal(ExtendResult result) {
            return switch (result) {
                case ExtendResult.Generated generated -> "";
                case ExtendResult.NotExtended refused -> refused.refusal().detail();
            };
        }

        @Override
        public ExtendResult refuse(ExtendRequest request, Refusal refusal) {
            return new ExtendResult.NotExtended(request.key(), request.lease(), refusal, Usage.NONE);
        }

        @Override
        public Extended envelope(String workerId, List<ExtendResult> results) {
            return new Extended(workerId, results);
        }
    }
}
