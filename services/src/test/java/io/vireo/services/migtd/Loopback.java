package io.vireo.services.migtd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Executor;

/** The two ends of a TCP connection with ourselves. */
record Loopback(TcpStream near, TcpStream far) implements AutoCloseable {
    /** Who blocks in a test. */
    static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    static Loopback open() throws IOException {
        return open("127.0.0.1");
    }

    /** @param address of the near end */
    static Loopback open(String address) throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket near =
                    new Socket(listener.getInetAddress(), listener.getLocalPort(), InetAddress.ofLiteral(address), 0);
            return new Loopback(new TcpStream(near), new TcpStream(listener.accept()));
        }
    }

    static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    static InetSocketAddress at(int port) {
        return InetSocketAddress.createUnresolved("127.0.0.1", port);
    }

    /** A port at which nobody listens. */
    static int deafPort() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return listener.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        try (near;
                far) {
            // both
        }
    }
}
