package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** Connects to the other side, and tries again a few times, as it may be about to start. */
final class TcpConnector implements PeerSource {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Waiting, which tests do not. */
    interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    private final String host;
    private final int port;
    private final Duration timeout;
    private final int retries;
    private final Pause pause;

    /**
     * @param address whose name, if it is one, is looked up for each connection
     * @param timeout of one attempt
     * @param retries attempts after the first
     */
    TcpConnector(InetSocketAddress address, Duration timeout, int retries) {
        this(address, timeout, retries, Thread::sleep);
    }

    TcpConnector(InetSocketAddress address, Duration timeout, int retries, Pause pause) {
        this.host = address.getHostString();
        this.port = address.getPort();
        this.timeout = timeout;
        this.retries = retries;
        this.pause = pause;
    }

    @Override
    public GuestStream next() throws IOException {
        IOException failure = null;
        for (int attempt = 0; attempt <= retries; attempt++) {
            try {
                if (attempt > 0) {
                    pause.sleep(PAUSE);
                }
                return connect();
            } catch (IOException e) {
                failure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while connecting to " + host + ":" + port);
            }
        }
        throw new IOException("no connection to " + host + ":" + port + " in " + (retries + 1) + " attempts", failure);
    }

    private GuestStream connect() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), Math.toIntExact(timeout.toMillis()));
            return new TcpStream(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
