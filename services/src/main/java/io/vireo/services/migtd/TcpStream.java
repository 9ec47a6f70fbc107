package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TCP connection. A write that takes longer than the timeout ends the connection, as nobody can tell then how much of it
 * was sent. The kernel's keep-alive notices a peer whose host is gone.
 */
final class TcpStream implements GuestStream {
    private final Socket socket;
    private final InputStream input;
    private final OutputStream output;
    private volatile int timeoutMillis;

    /** @param socket connected; belongs to this stream from here on */
    TcpStream(Socket socket) throws IOException {
        this.socket = socket;
        // a message is written at once: to wait for more to send with it would only hold up the answer
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        input = socket.getInputStream();
        output = new TimedOutput(socket.getOutputStream());
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void timeout(Duration timeout) {
        timeoutMillis = Math.toIntExact(timeout.toMillis());
        try {
            socket.setSoTimeout(timeoutMillis);
        } catch (SocketException e) {
            // closed: the next read or write says so
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public String peer() {
        return socket.getRemoteSocketAddress().toString();
    }

    @Override
    public String guest() {
        return socket.getInetAddress().getHostAddress();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The socket's output, whose writes have no timeout of their own: somebody else watches the clock. */
    private final class TimedOutput extends FilterOutputStream {
        TimedOutput(OutputStream socketOutput) {
            super(socketOutput);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            int millis = timeoutMillis;
            if (millis == 0) {
                out.write(from, offset, length);
                return;
            }
            CountDownLatch written = new CountDownLatch(1);
            AtomicBoolean expired = new AtomicBoolean();
            Thread.ofVirtual().name("migtd-write-timeout").start(() -> closeUnless(written, millis, expired));
            try {
                out.write(from, offset, length);
            } catch (SocketException e) {
                if (expired.get()) {
                    throw new SocketTimeoutException("the peer took nothing for " + millis + " ms");
                }
                throw e;
            } finally {
                written.countDown();
            }
        }

        private void closeUnless(CountDownLatch written, int millis, AtomicBoolean expired) {
            try {
                if (!written.await(millis, TimeUnit.MILLISECONDS)) {
                    expired.set(true);
                    socket.close();
                }
            } catch (InterruptedException | IOException e) {
                // nobody interrupts this thread, and a socket that cannot be closed is closed
                Thread.currentThread().interrupt();
            }
        }
    }
}
