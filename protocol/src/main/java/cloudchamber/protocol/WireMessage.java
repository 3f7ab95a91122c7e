package cloudchamber.protocol;

/** Marks what crosses a wire between two programs; bound to CBOR in {@code reference.conf}. */
public interface WireMessage {}
