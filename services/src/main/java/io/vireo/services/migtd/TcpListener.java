package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes connections of the other side, and keeps a few for those who come for one later. One that waited in vain for longer
 * than the patience is closed, as are those that nobody would come for in time: the newest.
 */
final class TcpListener implements PeerSource {
    /** Connections that wait, at most. */
    static final int MAX_WAITING = 16;

    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);
    private static final long ACCEPT_PAUSE_MS = 100;

    private final ServerSocket socket;
    private final long patienceNs;
    private final LongSupplier nanoClock;
    private final MigTdCounters counters;
    // guarded by itself
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean closed; // guarded by waiting

    private record Waiting(TcpStream stream, long deadlineNs) {}

    /** @param patience how long a connection waits for somebody, and somebody for a connection */
    TcpListener(InetSocketAddress address, Duration patience, LongSupplier nanoClock, MigTdCounters counters)
            throws IOException {
        this.patienceNs = patience.toNanos();
        this.nanoClock = nanoClock;
        this.counters = counters;
        socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address.getHostString(), address.getPort()), MAX_WAITING);
        } catch (IOException e) {
            socket.close();
            throw new IOException("cannot listen at " + address.getHostString() + ":" + address.getPort(), e);
        }
        Thread.ofVirtual().name("migtd-listener").start(this::accept);
    }

    /** The port that is listened at, the kernel's choice for zero. */
    int port() {
        return socket.getLocalPort();
    }

    /** How many connections wait. */
    int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    @Override
    public GuestStream next() throws IOException {
        long deadlineNs = nanoClock.getAsLong() + patienceNs;
        synchronized (waiting) {
            while (true) {
                dropLate();
                Waiting first = waiting.poll();
                if (first != null) {
                    return first.stream();
                }
                if (closed) {
                    throw new IOException("listening at port " + port() + " has ended");
                }
                long leftMs =
                        Duration.ofNanos(deadlineNs - nanoClock.getAsLong()).toMillis();
                if (leftMs <= 0) {
                    throw new SocketTimeoutException("nobody connected to port " + port() + " in time");
                }
                try {
                    waiting.wait(leftMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while waiting at port " + port());
                }
            }
        }
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                offer(socket.accept());
            } catch (IOException e) {
                if (!socket.isClosed() && !pauseAfter(e)) {
                    return;
                }
            }
        }
    }

    /** After an error that would come again at once, such as no descriptors. @return false to give up */
    private boolean pauseAfter(IOException failure) {
        LOG.warn("migtd: cannot accept at port {}: {}", port(), failure.getMessage());
        try {
            Thread.sleep(ACCEPT_PAUSE_MS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void offer(Socket accepted) throws IOException {
        TcpStream stream;
        try {
            stream = new TcpStream(accepted);
        } catch (IOException e) {
            accepted.close(); // the peer has reset it already
            return;
        }
        synchronized (waiting) {
            dropLate();
            if (closed || waiting.size() == MAX_WAITING) {
                counters.add(MigTdCounter.PEERS_REFUSED, 1);
                stream.close();
                return;
            }
            waiting.add(new Waiting(stream, nanoClock.getAsLong() + patienceNs));
            waiting.notify();
        }
    }

    private void dropLate() throws IOException {
        long nowNs = nanoClock.getAsLong();
        for (Waiting first; (first = waiting.peek()) != null && first.deadlineNs() - nowNs <= 0; ) {
            waiting.remove();
            counters.add(MigTdCounter.PEERS_REFUSED, 1);
            first.stream().close();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        synchronized (waiting) {
            closed = true;
            for (Waiting left : waiting) {
                left.stream().close();
            }
            waiting.clear();
            waiting.notifyAll();
        }
    }
}
