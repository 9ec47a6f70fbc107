package io.vireo.vhostuser.backend;

import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.VhostUserChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device's way to its frontends, and the thread that finds them and speaks with them, one after the other. */
public abstract sealed class VhostUserBackend implements AutoCloseable permits VhostUserServer, VhostUserClient {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserBackend.class);

    /** How long closing waits for a session that does not end, as when the file system of a file it was passed hangs. */
    private static final Duration LONGEST_END = Duration.ofSeconds(10);

    private final VhostUserDevice device;
    private final GuestLog log;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable VhostUserChannel current;

    VhostUserBackend(VhostUserDevice device, GuestLog log) {
        this.device = device;
        this.log = log;
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
        log.info("frontend connected");
        try {
            new VhostUserSession(channel, device, log, succession()).run();
            log.info("frontend disconnected");
        } catch (ProtocolViolation e) {
            log.warn("session closed: " + e.getMessage());
        } catch (IOException e) {
            log.warn("session lost: " + e.getMessage());
        } catch (RuntimeException | Error e) { // the next frontend is to be served, whatever it was
            if (e instanceof InternalError || e.getCause() instanceof InternalError) {
                log.warn("session closed: the guest's memory was gone before a ring started");
            } else {
                log.error("session failed", e);
            }
        }
    }

    /** Whether others may take the place of a frontend that does not begin. */
    abstract @Nullable Succession succession();

    /** Called once, by {@link #close}: ends a wait of the thread's for frontends. */
    abstract void stopWaiting();

    /** Called once, by {@link #close}, when the thread has ended. */
    abstract void release();

    /**
     * Ends the session, if there is one, and frees the socket. Waits until the device is no longer in use; one that does not
     * end keeps its memory mapped.
     */
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
        try {
            if (thread.isAlive() && !thread.join(LONGEST_END)) {
                LOG.error("{}: a session does not end, and is left behind", device.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
