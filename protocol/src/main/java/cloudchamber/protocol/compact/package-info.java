/**
 * The compact form of work and its results, which are almost all of what travels: no names of fields, every
 * text once in a message, numbers as short as they are. Everything else stays CBOR.
 *
 * <p>Frozen as the rest of the wire is. A message is an envelope and a list of parts; a part says how long it
 * is, so that fields are added at its end, and at the end of the envelope, and older readers skip them.
 *
 * <p>May use: {@code protocol.model}, {@code protocol.wire}.
 */
package cloudchamber.protocol.compact;
