/**
 * The names under which objects are stored and sent, and the serializer that writes them. A class may move and be
 * renamed, its name here stays.
 *
 * <p>May use: none of the other packages.
 */
package cloudchamber.protocol.serial;
