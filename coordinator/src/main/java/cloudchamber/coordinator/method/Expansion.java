package cloudchamber.coordinator.method;

import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Sampling;

/**
 * One piece of generation that a round needs.
 *
 * @param slot the place in its chain; (chain, iteration, slot) is unique within a round
 * @param purpose EXTEND or LOOK_AHEAD
 * @param parent the node to extend; 0 is the prompt
 */
public record Expansion(
        int chain, int iteration, int slot, Purpose purpose, int parent, Sampling sampling, Extent extent) {}
