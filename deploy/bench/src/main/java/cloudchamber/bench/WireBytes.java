package cloudchamber.bench;

import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.RandomStreams;
import cloudchamber.protocol.wire.Role;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** B12: what travels between the processes for one step and its score. */
final class WireBytes implements Benchmark {
    private static final int PARTICLES = 16;
    private static final int SLOTS = 64;
    private static final int PROBLEMS = 40;
    private static final int IN_FLIGHT = 4;
    private static final int CHARACTERS = 240;
    private static final int FIXED_BYTES = 64;
    private static final double GOAL = .5;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Override
    public String id() {
        return "B12";
    }

    @Override
    public String title() {
        return "bytes on the wire for a step of 240 characters and its score";
    }

    @Override
    public String ideal() {
        return "Ideal: the new text to the coordinator and on to the PRM, and 64 bytes. Score: that over all bytes sent in"
                + " messages between coordinator and workers, frames included; gossip is shown apart.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        try (var node = BenchNode.start(Role.COORDINATOR.id(), 0, Map.of())) {
            var dispatcher = node.startDispatcher();
            node.startProblems(dispatcher);
            try (var worker = WorkerProcess.start(
                    node.port(), SLOTS, CHARACTERS, new Law.LogNormal(40, .5), SLOTS, new Law.Constant(5))) {
                node.awaitWorkers(dispatcher, 2);
                var problems = new Workload(settings.seed(), PARTICLES, 1).problems("measured", PROBLEMS, 0);
                output.progress(PROBLEMS + " problems");
                var before = worker.report();
                long own = WireCount.ownBytes();
                long gossip = WireCount.clusterBytes();
                node.run(problems, IN_FLIGHT, PATIENCE);
                var after = worker.report();
                double steps = Overhead.steps(problems);
                double sent = (WireCount.ownBytes() - own + after.ownBytes() - before.ownBytes()) / steps;
                double ideal = 2 * textBytes(problems) / steps + FIXED_BYTES;
                return new Figure(
                        "a step and its score",
                        ideal / sent,
                        Figure.Direction.HIGHER,
                        GOAL,
                        ideal,
                        sent,
                        "bytes",
                        settings.seed(),
                        Map.of(
                                "bytesFromTheWorkers",
                                (after.ownBytes() - before.ownBytes()) / steps,
                                "gossipBytesPerStep",
                                (WireCount.clusterBytes() - gossip + after.clusterBytes() - before.clusterBytes())
                                        / steps));
            }
        }
    }

    private static double textBytes(List<ProblemSpecification> problems) {
        double bytes = 0;
        for (var problem : problems) {
            var streams = RandomStreams.of(problem.seed(), problem.problem());
            for (int round = 0; round < problem.limits().maxSteps(); round++) {
                for (int slot = 0; slot < PARTICLES; slot++) {
                    bytes += BenchPolicy.text(CHARACTERS, streams.seed(0, 0, round, slot, Purpose.EXTEND))
                            .getBytes(StandardCharsets.UTF_8)
                            .length;
                }
            }
        }
        return bytes;
    }
}
