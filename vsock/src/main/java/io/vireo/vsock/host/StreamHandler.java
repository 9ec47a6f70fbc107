package io.vireo.vsock.host;

import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;

/** What is done with a connection that a guest made to a port of the host: blocking code, on a virtual thread of its own. */
@FunctionalInterface
public interface StreamHandler {
    /** Serves it until it is done; the caller closes it. */
    void handle(VsockStream stream) throws IOException;
}
