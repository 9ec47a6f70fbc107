package io.vireo.vsock;

/**
 * Where one end of a connection is (virtio 1.3, 5.10.4). Both numbers are unsigned.
 *
 * @param cid the context: {@link #HOST}, or a guest's
 * @param port of the context
 */
public record VsockAddress(int cid, int port) {
    /** The host, as its guests know it. */
    public static final int HOST = 2;
    /** The least number that a guest can have. */
    public static final int FIRST_GUEST = 3;

    public static VsockAddress host(int port) {
        return new VsockAddress(HOST, port);
    }

    @Override
    public String toString() {
        return Integer.toUnsignedString(cid) + ":" + Integer.toUnsignedString(port);
    }
}
