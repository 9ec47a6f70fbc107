package io.vireo.services.tpm;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A TPM that gives what it is told to, whatever it is asked, and after the last answer closes the connection or keeps silent. */
final class FakeTpm implements AutoCloseable {
    final ConcurrentLinkedQueue<String> commands = new ConcurrentLinkedQueue<>();

    private final ServerSocketChannel server;
    private final boolean closes;
    private final List<byte[]> pieces;

    private FakeTpm(Path socket, boolean closes, String... hex) throws IOException {
        this.closes = closes;
        pieces = List.of(hex).stream().map(HexFormat.of()::parseHex).toList();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().start(this::serve);
    }

    /** Sends one piece after each command, then closes. */
    static FakeTpm answering(Path socket, String... hex) throws IOException {
        return new FakeTpm(socket, true, hex);
    }

    /** Sends these pieces and then nothing for as long as anybody waits. */
    static FakeTpm fallingSilent(Path socket, String... hex) throws IOException {
        return new FakeTpm(socket, false, hex);
    }

    private void serve() {
        try {
            while (server.isOpen()) {
                try (SocketChannel channel = server.accept()) {
                    serve(channel);
                }
            }
        } catch (IOException e) {
            commands.add("end"); // closed by the test
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        ByteBuffer command = ByteBuffer.allocate(4096);
        for (byte[] piece : pieces) {
            int length = channel.read(command.clear());
            if (length < 0) {
                return;
            }
            commands.add(HexFormat.of().formatHex(command.array(), 0, length));
            channel.write(ByteBuffer.wrap(piece));
        }
        while (!closes && channel.read(command.clear()) >= 0) {
            commands.add("more");
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
