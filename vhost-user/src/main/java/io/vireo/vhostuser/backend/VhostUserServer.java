package io.vireo.vhostuser.backend;

import io.vireo.linux.LinuxException;
import io.vireo.linux.SocketFile;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.VhostUserChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device's listening socket and the thread that accepts on it and speaks with the frontend. From {@link #bind} to {@link
 * #close} the socket's file is this object's.
 */
public final class VhostUserServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserServer.class);
    private static final int LISTEN_BACKLOG = 16;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path path;
    private final UnixSocket listener;
    private final VhostUserDevice device;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable VhostUserChannel current;

    private VhostUserServer(Path path, UnixSocket listener, VhostUserDevice device) {
        this.path = path;
        this.listener = listener;
        this.device = device;
        thread = Thread.ofPlatform().name("vhost-" + device.name()).daemon().unstarted(this::acceptAll);
    }

    /**
     * Creates the socket's file, in place of a stale one. Frontends are refused until {@link #start}, so that the file's
     * mode and owner can be set before.
     *
     * @throws IOException if another process listens there, or if something else than a socket is in the way
     */
    public static VhostUserServer bind(Path path, VhostUserDevice device) throws IOException {
        SocketFile.removeStale(path);
        return new VhostUserServer(path, UnixSocket.bind(path), device);
    }

    /** From now on frontends can connect. */
    public void start() throws LinuxException {
        listener.listen(LISTEN_BACKLOG);
        thread.start();
    }

    private void acceptAll() {
        while (!closed) {
            try (VhostUserChannel channel = new VhostUserChannel(listener.accept())) {
                current = channel;
                if (!closed) { // close() shuts down what it finds in current
                    serve(channel);
                }
            } catch (LinuxException e) {
                if (!closed) {
                    LOG.error("{}: {}; trying again", device.name(), e.getMessage());
                    LockSupport.parkNanos(RETRY_NS);
                }
            }
        }
    }

    private void serve(VhostUserChannel channel) {
        LOG.info("{}: frontend connected", device.name());
        try {
            new VhostUserSession(channel, device).run();
            LOG.info("{}: frontend disconnected", device.name());
        } catch (ProtocolViolation e) {
            LOG.warn("{}: session closed: {}", device.name(), e.getMessage());
        } catch (IOException e) {
            LOG.warn("{}: session lost: {}", device.name(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("{}: session failed", device.name(), e);
        }
    }

    /** Ends the session, if there is one, and removes the socket's file. Waits until the device is no longer in use. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        listener.shutdown();
        VhostUserChannel channel = current;
        if (channel != null) {
            channel.shutdown();
        }
        joinThread();
        listener.close();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("{}: socket not removed: {}", device.name(), e.getMessage());
        }
    }

    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
