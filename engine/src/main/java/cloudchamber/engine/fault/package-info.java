/**
 * What can go wrong in the engine, by category.
 *
 * <p>May use: the JDK.
 */
package cloudchamber.engine.fault;
