package cloudchamber.policy;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WireLimits;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.worker.PrefixStore;
import cloudchamber.worker.Requests;
import cloudchamber.worker.Worker;
import java.util.List;
import java.util.Optional;
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
                new ThinkingBudget(generator),
                requests(),
                Extend.class,
                extend -> new Requests.Batch<>(extend.requests(), extend.dispatcher(), extend.replyTo()),
                WorkPort.Policy::new,
                node);
    }

    /** How the shell sees requests to extend. */
    public static Requests<ExtendRequest, ExtendResult, Extended> requests() {
        return new Extensions();
    }

    private static final class Extensions implements Requests<ExtendRequest, ExtendResult, Extended> {
        /** Of a result without its step. */
        private static final int RESULT_BYTES = 1024;
        /** How far above 0 the rounding of a server's float32 may take the log-probability of one token. */
        private static final double ROUNDING = 1e-5;

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
        public Optional<Refusal> refusal(ExtendResult result) {
            return switch (result) {
                case ExtendResult.Generated generated -> Optional.empty();
                case ExtendResult.NotExtended refused -> Optional.of(refused.refusal());
            };
        }

        @Override
        public ExtendResult refuse(ExtendRequest request, Refusal refusal) {
            return new ExtendResult.NotExtended(request.key(), request.lease(), refusal, Usage.NONE);
        }

        @Override
        public Optional<ExtendRequest> whole(ExtendRequest request, PrefixStore held) {
            if (request.held() == null) {
                held.told(request.parent(), new PrefixStore.Prefix(request.prompt(), request.prefix()));
                return Optional.of(request);
            }
            return held.find(request.parent(), request.held())
                    .map(prefix -> request.whole(prefix.prompt(), prefix.steps()));
        }

        @Override
        public void keep(ExtendRequest request, ExtendResult result, PrefixStore held) {
            if (result instanceof ExtendResult.Generated generated && request.node() != null) {
                var parent = request.parent();
                held.drawn(
                        new NodeReference(parent.job(), parent.problem(), request.node()),
                        parent,
                        new PrefixStep(generated.step().text(), generated.step().tokenIds()));
            }
        }

        @Override
        public ExtendResult sized(ExtendRequest request, ExtendResult result) {
            return switch (result) {
                case ExtendResult.Generated(var key, var lease, var step, var usage) -> {
                    var fault = fault(step);
                    yield fault == null
                            ? new ExtendResult.Generated(key, lease, WireLimits.cut(step), usage)
                            : new ExtendResult.NotExtended(
                                    key, lease, new Refusal(Refusal.Category.BACKEND_INVALID, fault), usage);
                }
                case ExtendResult.NotExtended refused -> refused;
            };
        }

        /** What a step cannot be, in one sentence; null if it can. */
        private static String fault(Step step) {
            return step.logProbability() > ROUNDING * Math.max(1, step.logProbabilityTokens())
                    ? "a log-probability must be at most 0: was " + step.logProbability()
                    : null;
        }

        @Override
        public long bytes(ExtendResult result) {
            return switch (result) {
                case ExtendResult.Generated generated -> RESULT_BYTES + WireLimits.bytes(generated.step());
                case ExtendResult.NotExtended refused -> RESULT_BYTES;
            };
        }

        @Override
        public Extended envelope(String workerId, List<ExtendResult> results, SlotOffer offer) {
            return new Extended(workerId, results, offer);
        }
    }
}
