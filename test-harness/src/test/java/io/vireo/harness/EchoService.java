package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.FutureTask;

/** TCP servers that return what they get, and their clients, in the network namespace of the calling thread and in guests. */
final class EchoService implements AutoCloseable {
    static final int PORT = 7777;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int TIMEOUT_MS = 10_000;

    private final ServerSocket listening = new ServerSocket();
    private final Thread thread = Thread.ofPlatform().name("echo").daemon().unstarted(this::serve);

    private EchoService() throws IOException {
        listening.bind(new InetSocketAddress(PORT));
    }

    /** A server in the network namespace of the calling thread, over both versions of IP. */
    static EchoService start() throws IOException {
        EchoService service = new EchoService();
        service.thread.start();
        return service;
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket client = listening.accept()) {
                client.setSoTimeout(TIMEOUT_MS);
                client.getInputStream().transferTo(client.getOutputStream());
            } catch (IOException e) {
                // the client sees it; or the service was closed
            }
        }
    }

    /** A server in a guest, for the rest of its life, which listens when this returns. */
    static void startIn(NamespaceGuest guest) throws IOException {
        guest.run("""
                busybox nc -ll -p %1$d -e cat &
                until grep -q ':%1$04X 0*:0000 0A ' /proc/net/tcp6; do sleep 0.05; done
                """.formatted(PORT), SOON);
    }

    /** From the namespace of the calling thread: all that was sent comes back. */
    static void exchange(String server, int bytes) throws Exception {
        byte[] sent = new byte[bytes];
        new Random(bytes).nextBytes(sent);
        try (Socket socket = connect(InetAddress.ofLiteral(server))) {
            socket.setSoTimeout(TIMEOUT_MS);
            FutureTask<Void> sending = new FutureTask<>(() -> {
                socket.getOutputStream().write(sent);
                socket.shutdownOutput();
                return null;
            });
            Thread sender = Thread.ofPlatform().name("sender").start(sending);
            byte[] received = socket.getInputStream().readAllBytes();
            sending.get();
            sender.join();
            assertArrayEquals(sent, received);
        }
    }

    /** The server may be about to listen, or the host to learn the way to it. */
    private static Socket connect(InetAddress server) throws Exception {
        Socket[] connected = new Socket[1];
        OwnNamespace.eventually(
                () -> {
                    Socket socket = new Socket();
                    try {
                        socket.connect(new InetSocketAddress(server, PORT), TIMEOUT_MS);
                        connected[0] = socket;
                        return true;
                    } catch (ConnectException | NoRouteToHostException e) {
                        socket.close();
                        return false;
                    }
                },
                "a connection to " + server);
        return connected[0];
    }

    /** From a guest: all that was sent comes back. */
    static void exchange(NamespaceGuest guest, String server, int bytes) throws IOException {
        guest.run("""
                head -c %d /dev/urandom >/run/sent
                busybox nc -w 10 %s %d </run/sent >/run/received
                cmp /run/sent /run/received
                """.formatted(bytes, server, PORT), SOON);
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
