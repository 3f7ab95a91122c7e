/**
 * The names under which objects are stored and sent, and the serializer that writes them. A class may move and be
 * renamed, its name here stays.
 *
 * <p>May use: Pekko's serialization, Jackson. Used by: the owners of messages and events, {@code journal}.
 */
package cloudchamber.protocol.serial;
