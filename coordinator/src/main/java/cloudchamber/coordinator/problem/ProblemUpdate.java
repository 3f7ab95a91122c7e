package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.problem.ProblemView.CostView;
import cloudchamber.coordinator.problem.ProblemView.PosteriorWeight;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.Thoughts;
import cloudchamber.protocol.wire.WireMessage;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** What a problem tells whoever follows it. Any of them may come twice; rounds come in order. */
public sealed interface ProblemUpdate extends WireMessage {

    String problem();

    /**
     * The first answer to {@link Problem.Follow}, and said again when the problem starts.
     *
     * @param problem empty if the problem has not started, for then it does not know its name
     * @param lastRound the number of the last closed round; -1 before it
     */
    record Opened(String problem, ProblemStatus status, int lastRound) implements ProblemUpdate {}

    record RoundClosed(String problem, RoundView round) implements ProblemUpdate {}

    record Ended(String problem, EndView end) implements ProblemUpdate {}

    /**
     * A closed round.
     *
     * @param chains one for each chain that took part
     * @param nodes the steps it added, in the order of their ids; empty for a follower who wants no steps
     * @param best null while no particle is finished with an answer
     * @param cost of the whole run up to here
     */
    record RoundView(int round, List<Chain> chains, List<NodeView> nodes, Best best, Cost cost) {}

    /**
     * One chain in one round.
     *
     * @param nodes (N), where each particle ends, before any resampling; 0 is the prompt
     * @param weights (N), normalised: they add up to 1 unless every particle is dead
     * @param ess the effective sample size of the weights, in [1, N]
     * @param ancestors (M), for each particle after the resampling its index before
     * @param logEvidence log Ẑ up to here, in nats; null where it is not defined
     * @param finished how many particles have no next step
     */
    record Chain(
            int chain,
            int iteration,
            List<Integer> nodes,
            List<Double> weights,
            double temperature,
            double ess,
            boolean resampled,
            List<Integer> ancestors,
            Double logEvidence,
            int finished) {}

    /**
     * One step.
     *
     * @param parent the node before; 0 is the prompt
     * @param text the step's text, or its beginning if {@code cut}
     * @param logOdds the PRM's, of the prefix that ends here; null where it was not scored
     * @param thoughts where the whole text is thought
     */
    record NodeView(
            int id,
            int parent,
            int depth,
            String text,
            boolean cut,
            Double logOdds,
            StepEnd end,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Thoughts.Span> thoughts) {
        public NodeView {
            thoughts = thoughts == null ? List.of() : List.copyOf(thoughts);
        }
    }

    /**
     * The answer that the finished particles would elect now.
     *
     * @param weight of all finished particles with it, among all particles
     */
    record Best(String answer, double weight) {}

    /**
     * How it ended.
     *
     * @param particles the last population; empty without an outcome
     * @param selected the node of the heaviest particle with the answer; null without an answer
     * @param stopped why the run ended early; null if it did not
     * @param failure one sentence; null unless the problem failed
     */
    record EndView(
            ProblemStatus status,
            String answer,
            List<PosteriorWeight> posterior,
            Double logEvidence,
            String noEvidence,
            List<EndParticle> particles,
            Integer selected,
            String stopped,
            String failure,
            CostView cost) {}

    /** @param answer null if it has none */
    record EndParticle(int node, double weight, String answer) {}
}
