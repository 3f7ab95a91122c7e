package cloudchamber.coordinator.method;

import cloudchamber.coordinator.smc.LogWeights;
import java.util.HashSet;
import java.util.List;

/**
 * How different the particles of a population still are after its round.
 *
 * @param distinctParents how many particles have a child
 * @param distinctLineages how many first steps the children go back to
 * @param answerEntropy of the children's weights over their answers, those without one as one more answer,
 *     in nats
 */
public record Diversity(int distinctParents, int distinctLineages, double answerEntropy) {

    /** @param tree with the population's nodes */
    public static Diversity of(PrefixTree tree, Population population, Answers answers) {
        var children = population.children();
        var roots = new HashSet<Integer>();
        children.forEach(node -> roots.add(tree.lineage(node).getFirst().id()));
        var weights = LogWeights.of(population.childLogWeights());
        double entropy = 0;
        if (!weights.allDead()) {
            List<Outcome.AnswerWeight> posterior =
                    Election.of(tree, children, weights.normalised(), answers).posterior();
            for (var answer : posterior) {
                entropy -= answer.weight() > 0 ? answer.weight() * StrictMath.log(answer.weight()) : 0;
            }
        }
        return new Diversity(new HashSet<>(population.ancestors()).size(), roots.size(), entropy);
    }
}
