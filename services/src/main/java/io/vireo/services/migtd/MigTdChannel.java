package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import io.vireo.services.migtd.MigTdProtocolException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Messages over a stream of bytes; one thread may send while another one receives. After any failure but a {@link
 * SocketTimeoutException} of {@link #receive} the channel is of no use any more.
 */
final class MigTdChannel implements Closeable {
    private final GuestStream stream;
    private final MigTdCodec sent;
    private final MigTdCodec received;
    private final long timeoutNs;
    private final LongSupplier nanoClock;

    private final byte[] outgoing;
    private final byte[] header;
    /** Bytes of the message under way that nobody has taken. */
    private int left;

    /**
     * @param stream belongs to this channel from here on
     * @param timeout of an operation, looked at after each read: one may take up to twice as long
     */
    MigTdChannel(GuestStream stream, MigTdCodec sent, MigTdCodec received, Duration timeout, LongSupplier nanoClock) {
        this.stream = stream;
        this.sent = sent;
        this.received = received;
        this.timeoutNs = timeout.toNanos();
        this.nanoClock = nanoClock;
        outgoing = new byte[sent.headerSize() + GhciBuffer.MAX_PAYLOAD];
        header = new byte[received.headerSize()];
        stream.timeout(timeout);
    }

    /** Whether the framing can tell this. */
    boolean carries(MigTdOperation operation) {
        return sent.carries(operation);
    }

    /** Sends a message, header and payload in one write. */
    void send(MigTdOperation operation, long migRequestId, int status, byte[] from, int offset, int length)
            throws IOException {
        int headerSize = sent.headerSize();
        sent.write(operation, migRequestId, status, length, outgoing);
        System.arraycopy(from, offset, outgoing, headerSize, length);
        stream.output().write(outgoing, 0, headerSize + length);
        stream.output().flush();
    }

    /**
     * Receives a message, or the next piece of one.
     *
     * @param capacity bytes of a piece, at most
     * @return bytes of the piece, which is full unless it is the last one
     * @throws SocketTimeoutException if no message began in time: nothing is lost
     */
    int receive(MigTdOperation operation, long migRequestId, byte[] into, int offset, int capacity) throws IOException {
        long startNs = nanoClock.getAsLong();
        if (left == 0) {
            fill(header, 0, header.length, startNs, true);
            left = received.read(header);
            received.expect(operation, migRequestId);
        }
        int piece = Math.min(left, capacity);
        fill(into, offset, piece, startNs, false);
        left -= piece;
        return piece;
    }

    /** The status in the header of what was received last. */
    int lastStatus() {
        return received.lastStatus();
    }

    /** Whether a message was received in part. */
    boolean isWithinMessage() {
        return left > 0;
    }

    private void fill(byte[] into, int offset, int length, long startNs, boolean betweenMessages) throws IOException {
        InputStream input = stream.input();
        int filled = 0;
        while (filled < length) {
            int count;
            try {
                count = input.read(into, offset + filled, length - filled);
            } catch (SocketTimeoutException e) {
                if (betweenMessages && filled == 0) {
                    throw e;
                }
                throw stalled();
            }
            if (count < 0) {
                throw new MigTdProtocolException(
                        Kind.TRUNCATED,
                        betweenMessages && filled == 0
                                ? "the other side ended the connection"
                                : "the other side ended the connection within a message");
            }
            filled += count;
            if (filled < length && nanoClock.getAsLong() - startNs > timeoutNs) {
                throw stalled();
            }
        }
    }

    private static MigTdProtocolException stalled() {
        return new MigTdProtocolException(Kind.STALLED, "the other side sent a part of a message, and no more");
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
