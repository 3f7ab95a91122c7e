/** The program's log: what is written, and how often. */
package cloudchamber.log;
