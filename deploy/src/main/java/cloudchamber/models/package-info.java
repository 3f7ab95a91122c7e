/**
 * Models by name: the bundled ones, installed files, models behind servers, simulated ones.
 */
package cloudchamber.models;
