/**
 * The settings of the methods, and the choices they are made of: target, resampling, aggregation, selection, schedule.
 * Records that check themselves.
 */
package cloudchamber.protocol.model.method;
