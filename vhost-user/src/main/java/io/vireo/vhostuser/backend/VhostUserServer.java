package io.vireo.vhostuser.backend;

import io.vireo.linux.LinuxException;
import io.vireo.linux.SocketFile;
import io.vireo.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for frontends. From {@link #bind} to {@link #close} the socket's file is this object's. */
public final class VhostUserServer extends VhostUserBackend {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserServer.class);
    private static final int LISTEN_BACKLOG = 16;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path path;
    private final UnixSocket listener;
    private final Succession succession;

    private VhostUserServer(Path path, UnixSocket listener, VhostUserDevice device, GuestLog log, int patienceMs) {
        super(device, log);
        succession = new Succession(listener, patienceMs);
        this.path = path;
        this.listener = listener;
    }

    /**
     * Creates the socket's file, in place of a stale one. Frontends are refused until {@link #start}, so that the file's
     * mode and owner can be set before.
     *
     * @throws IOException if another process listens there, or if something else than a socket is in the way
     */
    public static VhostUserServer bind(Path path, VhostUserDevice device) throws IOException {
        return bind(path, device, GuestLog.of(device.name()), Succession.DEFAULT_PATIENCE_MS);
    }

    static VhostUserServer bind(Path path, VhostUserDevice device, GuestLog log, int patienceMs) throws IOException {
        SocketFile.removeStale(path);
        return new VhostUserServer(path, UnixSocket.bind(path), device, log, patienceMs);
    }

    @Override
    public void start() throws LinuxException {
        listener.listen(LISTEN_BACKLOG);
        super.start();
    }

    @Override
    void serveAll() {
        while (!isClosed()) {
            try {
                serve(listener.accept());
            } catch (LinuxException e) {
                if (!isClosed()) {
                    LOG.error("{}: {}; trying again", name(), e.getMessage());
                    pause(RETRY_NS);
                }
            }
        }
    }

    @Override
    Succession succession() {
        return succession;
    }

    @Override
    void stopWaiting() {
        listener.shutdown();
    }

    @Override
    void release() {
        listener.close();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("{}: socket not removed: {}", name(), e.getMessage());
        }
    }
}
