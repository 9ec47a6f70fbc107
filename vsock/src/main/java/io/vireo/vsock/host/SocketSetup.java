package io.vireo.vsock.host;

import java.io.IOException;
import java.nio.file.Path;

/** Says who may connect to a socket's file. Called for each one after it was made and before anybody can connect. */
@FunctionalInterface
public interface SocketSetup {
    void apply(Path socket) throws IOException;
}
