package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.client.ProblemFile;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.models.Models;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bundled models' figures do not depend on which of the rules ends their particles at an answer. */
class BundledEndsTest {
    private static final int AT_ONCE = 8;

    @BeforeAll
    static void home() {
        System.setProperty("cloudchamber.home", Program.REPOSITORY.toString());
    }

    @Test
    void finalLineEndsTheSameParticlesAsAtMarkOnEveryHeldOutProblem() throws Exception {
        var lines = ProblemFile.read(Program.REPOSITORY.resolve("deploy/models/bundled.jsonl"), Integer.MAX_VALUE);
        assertThat(lines).hasSize(300);
        assertThat(EndAtAnswer.usual("bundled")).isEqualTo(EndAtAnswer.FINAL_LINE);
        var filter = ParticleFilterSettings.standard().withParticles(2);

        var atMark = outcomes(lines, filter, EndAtAnswer.AT_MARK);
        assertThat(outcomes(lines, filter, EndAtAnswer.FINAL_LINE)).isEqualTo(atMark);
        assertThat(atMark).anyMatch(outcome -> outcome.contains("boxed"));

        var some = lines.subList(0, 30);
        var best = BestOfNSettings.standard().withBudget(4);
        assertThat(outcomes(some, best, EndAtAnswer.FINAL_LINE)).isEqualTo(outcomes(some, best, EndAtAnswer.AT_MARK));
    }

    /** All that came of each problem: its texts, with their steps and their ends, and their weights. */
    private static List<String> outcomes(List<ProblemFile.Line> lines, MethodSettings method, EndAtAnswer end)
            throws Exception {
        var models = Models.standard();
        try (var policy = models.policy("bundled");
                var prm = models.prm("bundled");
                var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            var runs = new ArrayList<Future<String>>();
            for (var line : lines) {
                runs.add(threads.submit(() -> {
                    var ended = Alone.run(specification(line, method, end), policy::run, prm::run);
                    var run = Alone.method(ended);
                    var steps = new ArrayList<Object>();
                    for (int id = 1; id < run.tree().size(); id++) {
                        steps.add(run.tree().node(id));
                    }
                    return ended.status() + " " + run.outcome() + " " + steps;
                }));
            }
            var outcomes = new ArrayList<String>();
            for (var run : runs) {
                outcomes.add(run.get());
            }
            return outcomes;
        }
    }

    private static ProblemSpecification specification(ProblemFile.Line line, MethodSettings method, EndAtAnswer end) {
        return new ProblemSpecification(
                        "job",
                        line.id(),
                        Prompt.question(line.question()),
                        method,
                        "bundled",
                        "bundled",
                        Sampling.atTemperature(.8),
                        new Limits(40, 512, 8192),
                        List.of("\n\n"),
                        0,
                        "math",
                        1)
                .withParticles(end, null);
    }
}
