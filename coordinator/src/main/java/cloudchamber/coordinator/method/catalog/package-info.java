/**
 * Every method by its settings: which run it starts, which runs of a grid share their generations, and a finished run
 * under another law.
 */
package cloudchamber.coordinator.method.catalog;
