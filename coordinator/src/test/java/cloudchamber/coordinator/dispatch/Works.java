package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.WorkerAnnouncement;
import cloudchamber.protocol.wire.WorkerStatus;
import java.util.List;

/** Pieces of work, workers and results as the tests of this package use them. */
final class Works {
    static final String POLICY = "the-policy";
    static final String PRM = "the-prm";
    static final Usage USAGE = new Usage(2, 3, 5);
    static final WorkerStatus WELL = new WorkerStatus(0, 0, 0, 0, 0, 0, "", 0, false);

    static final NumericsClass NUMERICS = new NumericsClass("l", "v", "00", "c");

    private Works() {}

    static Work.Extension extension(String problem, int slot) {
        return extension(problem, slot, POLICY);
    }

    static Work.Extension extension(String problem, int slot, String model) {
        var key = new StepKey("job", problem, 0, 0, 0, slot, Purpose.EXTEND);
        return new Work.Extension(
                key,
                model,
                Prompt.question("?"),
                new NodeReference("job", problem, slot + 1),
                new NodeReference("job", problem, 0),
                List.of(),
                Sampling.atTemperature(1),
                seed(key),
                List.of("\n\n"),
                8,
                80);
    }

    static Work.Scoring scoring(String problem, int slot) {
        return new Work.Scoring(
                new StepKey("job", problem, 0, 0, 0, slot, Purpose.SCORE),
                PRM,
                Prompt.question("?"),
                new NodeReference("job", problem, slot + 1),
                new NodeReference("job", problem, 0),
                List.of(new PrefixStep("step", List.of())));
    }

    static long seed(StepKey key) {
        return key.toString().hashCode();
    }

    static WorkerAnnouncement worker(String id, Role role, int slots) {
        return worker(id, role, role == Role.POLICY ? POLICY : PRM, slots);
    }

    static WorkerAnnouncement worker(String id, Role role, String model, int slots) {
        return new WorkerAnnouncement(id, role, "node", 1, model, "00", "none", NUMERICS, slots, 100);
    }

    /** What a deterministic policy answers: a function of the seed. */
    static Step step(long seed) {
        return new Step("step " + seed, List.of(1), StepEnd.STEP, StepLimit.NONE, -1, 1);
    }

    static ExtendResult answer(ExtendRequest request) {
        return new ExtendResult.Generated(request.key(), request.lease(), step(request.seed()), USAGE);
    }

    static ExtendResult refusal(ExtendRequest request, Refusal.Category category) {
        return new ExtendResult.NotExtended(
                request.key(), request.lease(), new Refusal(category, "because"), Usage.NONE);
    }

    /** What a deterministic PRM answers: a function of what it is asked. */
    static List<Double> logOdds(StepKey key) {
        return List.of((double) seed(key));
    }

    static ScoreResult answer(ScoreRequest request) {
        return new ScoreResult.PrefixScored(
                request.key(), request.lease(), logOdds(request.key().step()), USAGE);
    }

    static ScoreResult refusal(ScoreRequest request, Refusal.Category category) {
        return new ScoreResult.NotScored(request.key(), request.lease(), new Refusal(category, "because"), Usage.NONE);
    }

    /** What a worker needs to know of a request of either kind. */
    record Request(AttemptKey key, long lease, ExtendRequest extend, ScoreRequest score) {
        static Request of(ExtendRequest request) {
            return new Request(request.key(), request.lease(), request, null);
        }

        static Request of(ScoreRequest request) {
            return new Request(request.key(), request.lease(), null, request);
        }

        String model() {
            return extend != null ? extend.model() : score.model();
        }
    }
}
