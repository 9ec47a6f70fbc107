package io.vireo.vsock.stream;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection for code that waits, on threads of any kind: one that reads and one that writes at a time. {@link #close} and
 * {@link #abort} end what the others wait for.
 */
public final class VsockStream implements Closeable {
    private final VsockAddress local;
    private final VsockAddress remote;
    private final VsockType type;
    private final Pipe in;
    private final Pipe out;

    private volatile @Nullable Thread reader;
    private volatile @Nullable Thread writer;
    private volatile long readTimeoutNs;
    private volatile long writeTimeoutNs;
    private volatile boolean receivesNoMore;
    private volatile boolean closed;

    /** Takes the consumer's end of one pipe and the producer's of the other. */
    public VsockStream(VsockAddress local, VsockAddress remote, VsockType type, Pipe in, Pipe out) {
        this.local = local;
        this.remote = remote;
        this.type = type;
        this.in = in;
        this.out = out;
        in.consumer(() -> LockSupport.unpark(reader));
        out.producer(() -> LockSupport.unpark(writer));
    }

    public VsockAddress local() {
        return local;
    }

    public VsockAddress remote() {
        return remote;
    }

    public VsockType type() {
        return type;
    }

    /** How long a read may take, zero for any time. */
    public void readTimeout(Duration timeout) {
        readTimeoutNs = timeout.toNanos();
    }

    /** How long a write may wait for room, zero for any time. */
    public void writeTimeout(Duration timeout) {
        writeTimeoutNs = timeout.toNanos();
    }

    /** Bytes that a read would not wait for. */
    public int available() {
        return in.available();
    }

    // ---- reading

    /**
     * Waits for bytes.
     *
     * @return how many, 1 to {@code length}; 0 if that is 0; -1 where the other side said that it sends no more, or after
     *     {@link #shutdownInput}
     * @throws VsockException ECONNRESET, EBADF, or EOPNOTSUPP for a socket of messages
     * @throws SocketTimeoutException if none came within the time
     */
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        expect(VsockType.STREAM);
        if (length == 0) {
            return 0;
        }
        awaitInput(() -> in.available() > 0, 1);
        int count = Math.min(in.available(), length);
        if (count == 0 || receivesNoMore) {
            return -1;
        }
        in.copyTo(0, into, offset, count);
        in.consume(count);
        return count;
    }

    /**
     * Waits for a message; what does not fit is lost, as with recv(2).
     *
     * @return how many bytes of it were stored, or -1 where the other side said that it sends no more
     */
    public int readMessage(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        expect(VsockType.SEQPACKET);
        int seen = in.available();
        int size = in.messageLength(seen);
        while (size == 0) {
            int before = seen; // looked at already: what has come meanwhile may be the end of the message
            awaitInput(() -> in.available() > before, before + 1);
            seen = in.available();
            if (seen == before) {
                return -1;
            }
            size = in.messageLength(seen);
        }
        if (receivesNoMore) {
            return -1;
        }
        int count = Math.min(size, length);
        in.copyTo(0, into, offset, count);
        in.consume(size);
        return count;
    }

    /** Returns when the condition holds or no more will come; what had come before a reset is given first. */
    private void awaitInput(BooleanSupplier condition, int bytes) throws IOException {
        long timeoutNs = readTimeoutNs;
        long deadlineNs = System.nanoTime() + timeoutNs;
        reader = Thread.currentThread();
        try {
            in.awaitAvailable(bytes);
            while (true) {
                boolean ended = in.isEnded(); // first, as nothing comes after it
                if (closed) {
                    throw new VsockException(VsockError.EBADF, "read from " + remote);
                }
                if (condition.getAsBoolean() || ended || receivesNoMore) {
                    return;
                }
                if (in.isReset()) {
                    if (condition.getAsBoolean()) {
                        return;
                    }
                    throw new VsockException(VsockError.ECONNRESET, "read from " + remote);
                }
                park(timeoutNs, deadlineNs, "read from ");
            }
        } finally {
            reader = null;
        }
    }

    private void park(long timeoutNs, long deadlineNs, String what) throws IOException {
        if (Thread.interrupted()) {
            throw new IOException(what + remote + ": interrupted");
        }
        if (timeoutNs == 0) {
            LockSupport.park(this);
            return;
        }
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0) {
            throw new SocketTimeoutException(what + remote + ": nothing within " + Duration.ofNanos(timeoutNs));
        }
        LockSupport.parkNanos(this, leftNs);
    }

    // ---- writing

    /**
     * Waits until all bytes are on their way.
     *
     * @throws VsockException EPIPE, ECONNRESET, EBADF, or EOPNOTSUPP for a socket of messages
     * @throws SocketTimeoutException if there was no room for some of them within the time
     */
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        expect(VsockType.STREAM);
        write(from, offset, length, 0);
    }

    /**
     * As {@link #write}, a message.
     *
     * @throws VsockException EMSGSIZE if it is empty, or longer than the other side's buffer, too
     */
    public void writeMessage(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        expect(VsockType.SEQPACKET);
        if (length == 0 || length > out.longestMessage()) {
            throw new VsockException(VsockError.EMSGSIZE, "write of " + length + " bytes to " + remote);
        }
        write(from, offset, length, VsockHeader.END_OF_MESSAGE);
    }

    private void write(byte[] from, int offset, int length, int lastMark) throws IOException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            awaitRoom();
            int count = Math.min(out.room(), end - at);
            out.stage(from, at, count);
            at += count;
            out.commit(at == end ? lastMark : 0);
        }
    }

    private void awaitRoom() throws IOException {
        long timeoutNs = writeTimeoutNs;
        long deadlineNs = System.nanoTime() + timeoutNs;
        writer = Thread.currentThread();
        try {
            out.awaitRoom(1);
            while (true) {
                if (closed || out.isEnded()) {
                    throw new VsockException(closed ? VsockError.EBADF : VsockError.EPIPE, "write to " + remote);
                }
                if (out.isReset()) {
                    throw new VsockException(VsockError.ECONNRESET, "write to " + remote);
                }
                if (out.isAbandoned()) {
                    throw new VsockException(VsockError.EPIPE, "write to " + remote);
                }
                if (out.room() > 0) {
                    return;
                }
                park(timeoutNs, deadlineNs, "write to ");
            }
        } finally {
            writer = null;
        }
    }

    // ---- ending

    /** Sends no more, once what was written is sent; the other side may go on. */
    public void shutdownOutput() {
        out.end();
    }

    /** Receives no more; whoever waits for something reads the end. */
    public void shutdownInput() {
        receivesNoMore = true;
        in.abandon();
        LockSupport.unpark(reader);
    }

    /** Ends both directions; what was written is still sent. */
    @Override
    public void close() {
        closed = true;
        out.end();
        in.abandon();
        LockSupport.unpark(reader);
        LockSupport.unpark(writer);
    }

    /** Resets the connection: the other side hears of it at once. */
    public void abort() {
        in.reset();
        out.reset();
        close();
    }

    private void expect(VsockType wanted) throws VsockException {
        if (type != wanted) {
            throw new VsockException(VsockError.EOPNOTSUPP, "a socket of type " + type + " to " + remote);
        }
    }

    /** A view of the reading side; closing it closes the stream. */
    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return VsockStream.this.read(into, offset, length);
            }

            @Override
            public int available() {
                return in.available();
            }

            @Override
            public void close() {
                VsockStream.this.close();
            }
        };
    }

    /** A view of the writing side; closing it closes the stream. */
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                VsockStream.this.write(from, offset, length);
            }

            @Override
            public void close() {
                VsockStream.this.close();
            }
        };
    }
}
