/**
 * Statistics of results: intervals over problems, paired comparisons, accuracy over budget and what it takes to reach
 * one, the effects of a grid's axes, how well the PRM told right from wrong. Pure functions; what is drawn is drawn
 * from a seed.
 *
 * <p>May use: the JDK, {@code protocol.model}.
 */
package cloudchamber.coordinator.report;
