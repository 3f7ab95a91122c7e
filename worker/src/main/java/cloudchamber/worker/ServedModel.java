package cloudchamber.worker;

import cloudchamber.protocol.model.NumericsClass;

/**
 * What a backend serves.
 *
 * @param name by which jobs ask for it
 * @param sha256 of the weights, or of the definition where there are none; hexadecimal
 * @param template how prompts are rendered
 * @param slots how many requests may run at once
 * @param contextTokens the longest prompt plus answer
 */
public record ServedModel(
        String name, String sha256, String template, NumericsClass numericsClass, int slots, int contextTokens) {}
