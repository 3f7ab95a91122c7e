/**
 * The settings of the methods, and the choices they are made of: target, resampling, aggregation, selection, schedule.
 * Records that check themselves.
 *
 * <p>May use: the JDK, {@code protocol.model}.
 */
package cloudchamber.protocol.model.method;
