package io.vireo.vhostuser.backend;

import java.nio.file.Path;

/**
 * Where a device and its frontend meet.
 *
 * @param path of a Unix socket
 */
public record VhostUserSocket(Path path, Mode mode) {
    /** Who listens there, from the backend's point of view, as the protocol's specification names it. */
    public enum Mode {
        /** The backend listens, and the frontend connects. */
        SERVER,
        /** The frontend listens, and the backend connects. */
        CLIENT
    }

    public static VhostUserSocket server(Path path) {
        return new VhostUserSocket(path, Mode.SERVER);
    }

    public static VhostUserSocket client(Path path) {
        return new VhostUserSocket(path, Mode.CLIENT);
    }

    /** Whether its file is made by the backend. */
    public boolean isServer() {
        return mode == Mode.SERVER;
    }
}
