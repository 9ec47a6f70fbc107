package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** A stream whose input is a script: bytes, as many a read as each was given with; pauses; then the end. */
final class ScriptedStream implements GuestStream {
    private final Deque<byte[]> script = new ArrayDeque<>();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private Runnable beforeRead = () -> {};
    private boolean closed;

    /** The next read gets these, if it asks for as many. */
    ScriptedStream then(byte... bytes) {
        script.add(bytes);
        return this;
    }

    /** Each of the next reads gets one of these. */
    ScriptedStream dribble(byte... bytes) {
        for (byte single : bytes) {
            then(single);
        }
        return this;
    }

    /** The next read takes longer than the timeout. */
    ScriptedStream thenNothing() {
        script.add(new byte[0]);
        return this;
    }

    void beforeRead(Runnable action) {
        beforeRead = action;
    }

    byte[] written() {
        return output.toByteArray();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException("read many at once");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                beforeRead.run();
                byte[] next = script.poll();
                if (next == null) {
                    return -1;
                }
                if (next.length == 0) {
                    throw new SocketTimeoutException("nothing");
                }
                int count = Math.min(length, next.length);
                System.arraycopy(next, 0, into, offset, count);
                if (count < next.length) {
                    script.addFirst(Arrays.copyOfRange(next, count, next.length));
                }
                return count;
            }
        };
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void timeout(Duration timeout) {}

    @Override
    public void shutdownOutput() {}

    @Override
    public String peer() {
        return "script";
    }

    @Override
    public String guest() {
        return "script";
    }

    @Override
    public void close() {
        closed = true;
    }
}
