package io.vireo.router;

import java.io.IOException;
import java.nio.file.Path;

/** Who may connect to a socket. Called for each one after it was created and before anybody can connect. */
public interface SocketPolicy {
    /** Leaves the mode that the process's file mode mask gives. */
    SocketPolicy DEFAULT = socket -> {};

    void apply(Path socket) throws IOException;
}
