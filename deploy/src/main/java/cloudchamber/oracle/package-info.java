/**
 * The exact law of a finite language, to hold what a cluster samples against.
 *
 * <p>May use: the JDK, {@code protocol.model}, {@code protocol.model.method}. Never: the methods under test.
 */
package cloudchamber.oracle;
