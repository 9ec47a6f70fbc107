package io.vireo.vhostuser.backend;

import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.VhostUserChannel;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device's way to its frontends, and the thread that finds them and speaks with them, one after the other. */
public abstract sealed class VhostUserBackend implements AutoCloseable permits VhostUserServer, VhostUserClient {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserBackend.class);

    private final VhostUserDevice device;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable VhostUserChannel current;

    VhostUserBackend(VhostUserDevice device) {
        this.device = device;
        thread = Thread.ofPlatform().name("vhost-" + device.name()).daemon().unstarted(this::serveAll);
    }

    /**
     * Prepares to meet frontends at a socket, whose file is made now if it is the backend's.
     *
     * @throws IOException if it cannot be made, as another process listens there or something else is in the way
     */
    public static VhostUserBackend open(VhostUserSocket socket, VhostUserDevice device) throws IOException {
        return switch (socket.mode()) {
            case SERVER -> VhostUserServer.bind(socket.path(), device);
            case CLIENT -> new VhostUserClient(socket.path(), device);
        };
    }

    /** From now on frontends are served. */
    public void start() throws LinuxException {
        thread.start();
    }

    /** The thread's work: finds frontends and serves each, until {@link #isClosed}. */
    abstract void serveAll();

    final String name() {
        return device.name();
    }

    final boolean isClosed() {
        return closed;
    }

    /** Waits so long, or until this is closed. */
    final void pause(long ns) {
        if (!closed) {
            LockSupport.parkNanos(ns);
        }
    }

    /** Speaks with a frontend until it leaves, and closes the socket. */
    final void serve(UnixSocket socket) {
        try (VhostUserChannel channel = new VhostUserChannel(socket)) {
            current = channel;
            if (!closed) { // close() shuts down what it finds in current
                serve(channel);
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

    /** Called once, by {@link #close}: ends a wait of the thread's for frontends. */
    abstract void stopWaiting();

    /** Called once, by {@link #close}, when the thread has ended. */
    abstract void release();

    /** Ends the session, if there is one, and frees the socket. Waits until the device is no longer in use. */
    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        stopWaiting();
        LockSupport.unpark(thread);
        VhostUserChannel channel = current;
        if (channel != null) {
            channel.shutdown();
        }
        joinThread();
        release();
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
