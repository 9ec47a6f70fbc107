package io.vireo.vsock.guest;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A socket of a guest's, with the calls of AF_VSOCK programs and their errors: a {@link VsockException} that names one of
 * errno(3). Blocking; for any thread, of which one may receive, one send, and any close.
 *
 * <pre>{@code
 * try (VsockSocket socket = new VsockSocket(driver, VsockType.STREAM)) {
 *     socket.connect(VsockAddress.host(5000));
 *     socket.send(request, 0, request.length);
 *     int length = socket.recv(reply, 0, reply.length);
 * }
 * }</pre>
 */
public final class VsockSocket implements Closeable {
    /** VMADDR_CID_ANY: the guest's own number, whatever it is. */
    public static final int ANY_CID = -1;

    /** VMADDR_PORT_ANY: some port that is free. */
    public static final int ANY_PORT = -1;

    private static final int LEAST_BUFFER = 4096;
    private static final int MOST_BUFFER = 1 << 24;
    private static final int DEFAULT_BUFFER = 1 << 18;
    private static final int MOST_BACKLOG = 4096;

    /** Which directions {@link #shutdown(How)} ends. */
    public enum How {
        RECEIVE,
        SEND,
        BOTH
    }

    private final VsockDriver driver;
    private final VsockType type;

    private @Nullable VsockAddress local;
    private boolean ownsPort;
    private int bufferSize = DEFAULT_BUFFER;
    private volatile Duration connectTimeout = Duration.ofSeconds(2);
    private volatile Duration receiveTimeout = Duration.ZERO;

    private volatile @Nullable Backlog backlog;
    /** Also while it is being connected. */
    private volatile @Nullable VsockStream stream;

    private volatile boolean connected;
    private volatile boolean closed;

    /** A new socket, neither bound nor connected: {@code socket(AF_VSOCK, type, 0)}. */
    public VsockSocket(VsockDriver driver, VsockType type) {
        this.driver = driver;
        this.type = type;
    }

    private VsockSocket(VsockSocket listener, VsockStream accepted) {
        this(listener.driver, accepted.type());
        local = accepted.local();
        stream = accepted;
        connected = true;
        receiveTimeout = listener.receiveTimeout;
        accepted.readTimeout(receiveTimeout);
    }

    public VsockType type() {
        return type;
    }

    /** getsockname(2). @throws VsockException EINVAL if it has no address yet */
    public synchronized VsockAddress local() throws VsockException {
        if (local == null) {
            throw error(VsockError.EINVAL, "getsockname");
        }
        return local;
    }

    /** getpeername(2). @throws VsockException ENOTCONN */
    public VsockAddress remote() throws VsockException {
        return connected("getpeername").remote();
    }

    // ---- listening

    /**
     * Gives the socket an address, either part of which may be any.
     *
     * @throws VsockException EINVAL if it has one, EADDRNOTAVAIL if that is no number of this guest, EADDRINUSE
     */
    public synchronized void bind(VsockAddress address) throws VsockException {
        checkOpen("bind");
        if (local != null) {
            throw error(VsockError.EINVAL, "bind");
        }
        if (address.cid() != ANY_CID && address.cid() != driver.cid()) {
            throw error(VsockError.EADDRNOTAVAIL, "bind to " + address);
        }
        local = new VsockAddress(driver.cid(), driver.bind(this, address.port()));
        ownsPort = true;
    }

    /**
     * From now on connections to the socket's address are accepted.
     *
     * @param limit of those that nobody has accepted yet, at least one
     * @throws VsockException EINVAL if the socket is not bound, or connected
     */
    public synchronized void listen(int limit) throws VsockException {
        checkOpen("listen");
        if (local == null || stream != null || backlog != null) {
            throw error(VsockError.EINVAL, "listen");
        }
        backlog = new Backlog(Math.clamp(limit, 1, MOST_BACKLOG));
    }

    /** On the driver's thread. @return false if nobody listens here for such a connection, or too many wait already */
    boolean offer(Connection incoming) {
        Backlog waiting = backlog;
        if (waiting == null || incoming.type() != type || !waiting.hasRoom()) {
            return false;
        }
        waiting.add(incoming.accept());
        return true;
    }

    /**
     * Waits for somebody to connect.
     *
     * @return a socket that is connected
     * @throws VsockException EINVAL if the socket does not listen, EAGAIN if nobody came within the receive timeout, EBADF
     */
    public VsockSocket accept() throws IOException {
        checkOpen("accept");
        Backlog waiting = backlog;
        if (waiting == null) {
            throw error(VsockError.EINVAL, "accept");
        }
        try {
            VsockStream accepted = waiting.take(receiveTimeout.toNanos());
            if (accepted == null) {
                throw error(waiting.isClosed() ? VsockError.EBADF : VsockError.EAGAIN, "accept");
            }
            return new VsockSocket(this, accepted);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("accept").initCause(e);
        }
    }

    // ---- connecting

    /**
     * Connects, from a port that is free unless the socket is bound. A socket that could not be connected may try again.
     *
     * @throws VsockException EISCONN, EALREADY, EINVAL if it listens; ECONNREFUSED or ECONNRESET, ETIMEDOUT within the
     *     connect timeout, ENODEV, EOPNOTSUPP for a type that the device does not know
     */
    public void connect(VsockAddress remote) throws IOException {
        VsockStream candidate;
        Pipe from;
        Pipe to;
        synchronized (this) {
            checkOpen("connect");
            if (backlog != null) {
                throw error(VsockError.EINVAL, "connect");
            }
            if (stream != null) {
                throw error(connected ? VsockError.EISCONN : VsockError.EALREADY, "connect");
            }
            if (local == null) {
                local = new VsockAddress(driver.cid(), driver.bind(this, ANY_PORT));
                ownsPort = true;
            }
            boolean messages = type == VsockType.SEQPACKET;
            from = new Pipe(bufferSize, messages);
            to = new Pipe(bufferSize, messages);
            candidate = new VsockStream(local, remote, type, from, to);
            stream = candidate;
        }
        boolean done = false;
        try {
            driver.connect(candidate.local(), remote, type, from, to, connectTimeout);
            done = true;
        } finally {
            established(candidate, done);
        }
        checkOpen("connect");
    }

    private synchronized void established(VsockStream candidate, boolean done) {
        if (done) {
            candidate.readTimeout(receiveTimeout);
            connected = true;
        } else {
            candidate.abort(); // so that an answer that comes yet finds nobody
            stream = null;
        }
    }

    // ---- data

    /**
     * Sends bytes, or one message, waiting until all are on their way.
     *
     * @return {@code length}
     * @throws VsockException ENOTCONN, EPIPE, ECONNRESET, EMSGSIZE
     */
    public int send(byte[] from, int offset, int length) throws IOException {
        VsockStream peer = connected("send");
        if (type == VsockType.SEQPACKET) {
            peer.writeMessage(from, offset, length);
        } else {
            peer.write(from, offset, length);
        }
        return length;
    }

    /**
     * Waits for bytes, or one message, of which what does not fit is lost.
     *
     * @return how many, or -1 if no more will come
     * @throws VsockException ENOTCONN, ECONNRESET, EAGAIN if nothing came within the receive timeout
     */
    public int recv(byte[] into, int offset, int length) throws IOException {
        VsockStream peer = connected("recv");
        try {
            return type == VsockType.SEQPACKET
                    ? peer.readMessage(into, offset, length)
                    : peer.read(into, offset, length);
        } catch (SocketTimeoutException e) {
            throw (IOException) error(VsockError.EAGAIN, "recv").initCause(e);
        }
    }

    /** A view of {@link #recv} for STREAM sockets. */
    public InputStream input() throws VsockException {
        return connected("recv").input();
    }

    /** A view of {@link #send} for STREAM sockets. */
    public OutputStream output() throws VsockException {
        return connected("send").output();
    }

    /** Ends both directions, and keeps the socket. */
    public void shutdown() throws VsockException {
        shutdown(How.BOTH);
    }

    /** @throws VsockException ENOTCONN */
    public void shutdown(How how) throws VsockException {
        VsockStream peer = connected("shutdown");
        if (how != How.SEND) {
            peer.shutdownInput();
        }
        if (how != How.RECEIVE) {
            peer.shutdownOutput();
        }
    }

    // ---- options

    /** @throws VsockException ENOPROTOOPT */
    public synchronized <T> T getsockopt(VsockSocketOption<T> option) throws VsockException {
        checkOpen("getsockopt");
        Object value;
        if (option.equals(VsockSocketOption.BUFFER_SIZE)) {
            value = bufferSize;
        } else if (option.equals(VsockSocketOption.CONNECT_TIMEOUT)) {
            value = connectTimeout;
        } else if (option.equals(VsockSocketOption.RECEIVE_TIMEOUT)) {
            value = receiveTimeout;
        } else {
            throw error(VsockError.ENOPROTOOPT, "getsockopt " + option.name());
        }
        return option.type().cast(value);
    }

    /** @throws VsockException ENOPROTOOPT; EINVAL for a value that cannot be; EISCONN for a buffer that is in use */
    public synchronized <T> void setsockopt(VsockSocketOption<T> option, T value) throws VsockException {
        checkOpen("setsockopt");
        if (option.equals(VsockSocketOption.BUFFER_SIZE)) {
            setBufferSize((Integer) value);
        } else if (option.equals(VsockSocketOption.CONNECT_TIMEOUT)) {
            connectTimeout = checkTimeout((Duration) value, false);
        } else if (option.equals(VsockSocketOption.RECEIVE_TIMEOUT)) {
            receiveTimeout = checkTimeout((Duration) value, true);
            if (stream != null) {
                stream.readTimeout(receiveTimeout);
            }
        } else {
            throw error(VsockError.ENOPROTOOPT, "setsockopt " + option.name());
        }
    }

    private void setBufferSize(int bytes) throws VsockException {
        if (stream != null) {
            throw error(VsockError.EISCONN, "setsockopt " + VsockSocketOption.BUFFER_SIZE.name());
        }
        if (bytes < 0 || bytes > MOST_BUFFER) {
            throw error(VsockError.EINVAL, "a buffer of " + bytes + " bytes");
        }
        int size = Math.max(LEAST_BUFFER, Integer.highestOneBit(bytes));
        bufferSize = size < bytes ? size * 2 : size;
    }

    private Duration checkTimeout(Duration value, boolean mayBeZero) throws VsockException {
        if (value.isNegative() || (value.isZero() && !mayBeZero)) {
            throw error(VsockError.EINVAL, "a timeout of " + value);
        }
        return value;
    }

    // ---- ending

    /** Ends the socket; what was sent is still delivered. Whoever waits in another call gets EBADF. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            Backlog waiting = backlog;
            if (waiting != null) {
                waiting.close();
            }
            VsockStream peer = stream;
            if (peer != null && connected) {
                peer.close();
            } else if (peer != null) {
                peer.abort();
            }
            if (ownsPort && local != null) {
                driver.release(this, local.port());
            }
        }
    }

    /** Resets the connection, so that the other side's reads and writes fail: close with SO_LINGER of zero. */
    public void abort() {
        VsockStream peer = stream;
        if (peer != null) {
            peer.abort();
        }
        close();
    }

    private VsockStream connected(String what) throws VsockException {
        checkOpen(what);
        VsockStream peer = stream;
        if (peer == null || !connected) {
            throw error(VsockError.ENOTCONN, what);
        }
        return peer;
    }

    private void checkOpen(String what) throws VsockException {
        if (closed) {
            throw error(VsockError.EBADF, what);
        }
    }

    private static VsockException error(VsockError error, String what) {
        return new VsockException(error, what);
    }
}
