package cloudchamber.protocol.wire;

/** Marks what crosses a wire between two programs; bound to CBOR or the compact form in {@code reference.conf}. */
public interface WireMessage {}
