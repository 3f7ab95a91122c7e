/**
 * The program's log: what is written, and how often.
 *
 * <p>May use: none of the other packages.
 */
package cloudchamber.log;
