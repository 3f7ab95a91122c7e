/**
 * The exact law of a finite language, to hold what a cluster samples against.
 *
 * <p>May use: {@code protocol.model}. Used by: {@code cli} and tests. Never: the methods under test.
 */
package cloudchamber.oracle;
