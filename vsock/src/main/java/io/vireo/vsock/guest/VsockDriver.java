package io.vireo.vsock.guest;

import io.vireo.linux.LinuxException;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.ConnectListener;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel of a guest does for its vsock sockets: has a thread that serves the device's rings, and knows who listens
 * where. For any thread.
 */
public final class VsockDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VsockDriver.class);

    /** As Linux chooses ports for those who do not care: above those that need privileges. */
    private static final int FIRST_FREE_PORT = 1024;

    /** How much later than in time the loop may answer. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final String name;
    private final int cid;
    private final Loop loop;
    private final DriverPort port;
    private final Map<Integer, VsockSocket> bound = new ConcurrentHashMap<>();
    private final AtomicInteger nextPort = new AtomicInteger(FIRST_FREE_PORT);
    private volatile boolean closed;

    /**
     * Takes the rings over, which are this object's until it is closed.
     *
     * @param cid the guest's number, as the device's configuration space has it
     * @param messages whether VIRTIO_VSOCK_F_SEQPACKET was negotiated
     * @param memory for a buffer of each entry of the receive and transmit rings
     * @param bufferSize bytes of each, with the header of a packet
     * @param queues receive, transmit, events (virtio 1.3, 5.10.2)
     */
    public VsockDriver(
            String name, int cid, boolean messages, DriverMemory memory, int bufferSize, DriverQueue... queues)
            throws LinuxException {
        this.name = name;
        this.cid = cid;
        loop = new Loop("vsock-guest-" + name, new Loop.Failures() {
            @Override
            public void memoryLost(InternalError error) {
                fail(error);
            }

            @Override
            public void taskFailed(Throwable error) {
                fail(error);
            }
        });
        port = new DriverPort(loop, cid, messages, this::requested, memory, bufferSize, queues);
        loop.start();
        loop.call(() -> {
            port.start();
            return cid;
        });
    }

    private void fail(Throwable reason) {
        LOG.error("{}: the guest's sockets end", name, reason);
        port.endpoint().detach();
    }

    public int cid() {
        return cid;
    }

    public Map<VsockCounter, Long> counters() {
        return loop.call(() -> port.endpoint().counters());
    }

    /** Connections at this moment. */
    public int connections() {
        return loop.call(() -> port.endpoint().connections());
    }

    // ---- ports

    /**
     * Gives a socket a port of its own.
     *
     * @param wanted or {@link VsockSocket#ANY_PORT}
     * @throws VsockException EADDRINUSE
     */
    int bind(VsockSocket socket, int wanted) throws VsockException {
        if (wanted != VsockSocket.ANY_PORT) {
            if (bound.putIfAbsent(wanted, socket) != null) {
                throw new VsockException(VsockError.EADDRINUSE, "bind to " + new VsockAddress(cid, wanted));
            }
            return wanted;
        }
        while (true) {
            int candidate = nextPort.getAndUpdate(last -> last + 1 < 0 ? FIRST_FREE_PORT : last + 1);
            if (bound.putIfAbsent(candidate, socket) == null) {
                return candidate;
            }
        }
    }

    void release(VsockSocket socket, int boundPort) {
        bound.remove(boundPort, socket);
    }

    // ---- connections

    /** On the loop's thread. As in Linux, they are established before anybody accepts them. */
    private void requested(Connection incoming) {
        VsockSocket listener = bound.get(incoming.local().port());
        if (listener == null || !listener.offer(incoming)) {
            incoming.refuse();
        }
    }

    /** Waits for a connection. @throws VsockException ECONNREFUSED, ETIMEDOUT, ECONNRESET, ENODEV, EADDRNOTAVAIL */
    void connect(VsockAddress local, VsockAddress remote, VsockType type, Pipe from, Pipe to, Duration timeout)
            throws VsockException, InterruptedIOException {
        String what = "connect to " + remote;
        if (closed) {
            throw new VsockException(VsockError.ENODEV, what);
        }
        CompletableFuture<VsockAddress> result = new CompletableFuture<>();
        ConnectListener listener = new ConnectListener() {
            @Override
            public void established(Connection connection) {
                result.complete(connection.remote());
            }

            @Override
            public void refused(VsockError reason) {
                result.completeExceptionally(new VsockException(reason, what));
            }
        };
        try {
            loop.execute(() -> port.endpoint().connect(local, remote, type, from, to, timeout, listener));
            result.get(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException | TimeoutException e) { // closed meanwhile
            throw error(VsockError.ENODEV, what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(what);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof VsockException known ? known : error(VsockError.ENODEV, what, e);
        }
    }

    private static VsockException error(VsockError error, String what, Throwable cause) {
        VsockException exception = new VsockException(error, what);
        exception.initCause(cause);
        return exception;
    }

    /** Ends all sockets and the thread, without a word to the device: afterwards nothing touches the rings. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        loop.call(() -> {
            port.endpoint().detach();
            return cid;
        });
        loop.close();
        bound.values().forEach(VsockSocket::close);
        port.close();
    }
}
