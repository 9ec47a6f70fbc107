package io.vireo.vsock.endpoint;

import io.vireo.vsock.stream.VsockError;

/** Waits for the outcome of {@link Endpoint#connect}; told once, on the endpoint's loop. */
public interface ConnectListener {
    void established(Connection connection);

    /** @param reason ECONNREFUSED, ETIMEDOUT, ECONNRESET, or ENODEV if the peer has no driver */
    void refused(VsockError reason);
}
