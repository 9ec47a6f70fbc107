package io.vireo.services;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A guest that sends what it was told, one piece a read at most, and then ends; what it is sent is kept. */
public final class ScriptedStream implements GuestStream {
    private final Deque<Object> pieces = new ArrayDeque<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final List<Duration> timeoutsOfReads = new ArrayList<>();
    private Duration timeout = Duration.ZERO;

    public ScriptedStream then(byte[] piece) {
        pieces.add(piece);
        return this;
    }

    public ScriptedStream then(IOException failure) {
        pieces.add(failure);
        return this;
    }

    /** All that was sent to the guest. */
    public byte[] sent() {
        return sent.toByteArray();
    }

    /** Pieces that nobody has read. */
    public int left() {
        return pieces.size();
    }

    /** The timeout that was in force at each read. */
    public List<Duration> timeoutsOfReads() {
        return timeoutsOfReads;
    }

    @Override
    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                timeoutsOfReads.add(timeout);
                Object next = pieces.poll();
                if (next instanceof IOException failure) {
                    throw failure;
                }
                if (!(next instanceof byte[] piece)) {
                    return -1;
                }
                int count = Math.min(length, piece.length);
                System.arraycopy(piece, 0, into, offset, count);
                if (count < piece.length) {
                    byte[] rest = new byte[piece.length - count];
                    System.arraycopy(piece, count, rest, 0, rest.length);
                    pieces.addFirst(rest);
                }
                return count;
            }
        };
    }

    @Override
    public OutputStream output() {
        return sent;
    }

    @Override
    public void timeout(Duration timeout) {
        this.timeout = timeout;
    }

    @Override
    public void shutdownOutput() {
        throw new AssertionError("the caller's");
    }

    @Override
    public String peer() {
        return "vm1, port 40001";
    }

    @Override
    public String guest() {
        return "script";
    }

    @Override
    public void close() {
        throw new AssertionError("the caller's");
    }
}
