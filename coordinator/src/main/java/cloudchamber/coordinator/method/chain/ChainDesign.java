package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.Potential;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.Target;
import java.util.List;

/**
 * What does not change during a {@link ChainRun}: which chains it has and what joins them.
 *
 * @param weighings one for each chain
 * @param twist log ψ of the target where the chains have one; null for the published targets
 * @param inverseTemperatures β of each chain, for swaps
 * @param branching steps tried after each live particle
 * @param iterations passes of each chain; those after the first are conditional
 * @param burnIn passes left out of the answer
 * @param swaps whether neighbouring chains swap references between passes
 * @param pooled whether the answer pools all chains by their evidence; else chain 0's passes after the burn-in
 *     count alike
 * @param scored whether steps need a score from the PRM
 * @param lookAhead whether resamplings also look one step ahead
 * @param certificate whether to stop when no live particle can change the vote
 */
public record ChainDesign(
        Sampling sampling,
        Answers answers,
        Potential potential,
        Target target,
        Twist twist,
        List<Weighing> weighings,
        List<Double> inverseTemperatures,
        int particles,
        int branching,
        int iterations,
        int burnIn,
        boolean swaps,
        boolean pooled,
        boolean scored,
        boolean lookAhead,
        boolean certificate,
        Selection selection) {

    int chains() {
        return weighings.size();
    }
}
