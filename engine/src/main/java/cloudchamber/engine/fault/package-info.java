/**
 * What can go wrong in the engine, by category. May use: the JDK. Used by: the engine's packages and
 * the workers in front of it.
 */
package cloudchamber.engine.fault;
