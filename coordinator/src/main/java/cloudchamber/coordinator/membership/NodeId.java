package cloudchamber.coordinator.membership;

import java.util.Objects;

/**
 * One life of a node.
 *
 * @param address {@code HOST:PORT} of its cluster port
 * @param uid distinguishes the lives of nodes at one address
 */
public record NodeId(String address, long uid) {
    public NodeId {
        Objects.requireNonNull(address);
    }

    /** {@code HOST:PORT#UID}, the uid in hexadecimal digits. */
    @Override
    public String toString() {
        return address + "#" + Long.toHexString(uid);
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static NodeId parse(String text) {
        int mark = text.lastIndexOf('#');
        if (mark < 0) {
            throw new IllegalArgumentException("a node id must be HOST:PORT#UID: was " + text);
        }
        return new NodeId(text.substring(0, mark), Long.parseUnsignedLong(text.substring(mark + 1), 16));
    }
}
