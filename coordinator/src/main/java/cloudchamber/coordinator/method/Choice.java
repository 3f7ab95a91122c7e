package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Purpose;
import java.util.List;

/**
 * Something drawn beside the resampling.
 *
 * @param purpose REFERENCE, SWAP or SELECT
 * @param chain of a swap, the first of the two
 * @param indices what was drawn: particles of the chain's population; of a swap 1 if it was made, else 0
 */
public record Choice(Purpose purpose, int chain, int iteration, List<Integer> indices) {
    public Choice {
        indices = List.copyOf(indices);
    }
}
