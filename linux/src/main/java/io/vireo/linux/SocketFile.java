package io.vireo.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The file of a Unix socket, which outlives a process that ended without removing it (unix(7)). */
public final class SocketFile {
    private static final int S_IFSOCK = 0xc000;
    private static final int S_IFMT = 0xf000;

    private SocketFile() {}

    /**
     * Removes what is left of a socket, so that another can be bound there; does nothing where nothing is.
     *
     * @throws IOException if a process listens there, or if something else than a socket is in the way
     */
    public static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & S_IFMT) != S_IFSOCK) {
            throw new IOException(path + " exists and is no socket: remove it, or choose another path");
        }
        try (UnixSocket ignored = UnixSocket.connect(path)) {
            throw new IOException(path + " is in use by another process: stop it, or choose another path");
        } catch (LinuxException e) {
            if (e.errno() != Errno.ECONNREFUSED) {
                throw e;
            }
        }
        Files.delete(path);
    }
}
