package io.vireo.harness.guests;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs of the host that talk with one guest's vsock ports through Unix sockets, by Firecracker's convention: a guest's
 * connection to port P of the host arrives at {@code UDS_P}; who connects to {@code UDS} and writes {@code CONNECT P} reaches
 * port P of the guest. Each connection has a virtual thread; closing ends all.
 */
public final class HybridHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HybridHost.class);
    private static final int BUFFER = 256 * 1024;
    private static final int LONGEST_ANSWER = 64;

    private final Path uds;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();

    /** @param uds the guest's; what serves it creates the socket of that name */
    public HybridHost(Path uds) {
        this.uds = uds;
    }

    /** What is done with a connection, which is closed afterwards. */
    public interface Conversation {
        void with(SocketChannel guest) throws IOException;
    }

    /** Accepts the guest's connections to a port of the host; one that fails ends alone. */
    public void serve(int port, Conversation conversation) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listeners.add(listener);
        listener.bind(UnixDomainSocketAddress.of(uds + "_" + port));
        Thread.ofVirtual().start(() -> accept(listener, conversation));
    }

    private static void accept(ServerSocketChannel listener, Conversation conversation) {
        while (listener.isOpen()) {
            try {
                SocketChannel guest = listener.accept();
                Thread.ofVirtual().start(() -> converse(guest, conversation));
            } catch (IOException e) {
                return; // It was closed.
            }
        }
    }

    private static void converse(SocketChannel guest, Conversation conversation) {
        try (guest) {
            conversation.with(guest);
        } catch (IOException e) {
            LOG.debug("a connection with a guest failed", e); // The guest sees its end of it.
        }
    }

    /** A connection to a port that the guest listens on. @throws IOException if it is not answered with OK */
    public SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(uds));
        try {
            channel.write(ByteBuffer.wrap("CONNECT %d\n".formatted(port).getBytes(StandardCharsets.US_ASCII)));
            String answer = line(channel);
            if (!answer.startsWith("OK ")) {
                throw new IOException("CONNECT " + port + " was answered with \"" + answer + "\"");
            }
            return channel;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Reads no further than the line's end: the guest's bytes follow. */
    private static String line(SocketChannel channel) throws IOException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.length() < LONGEST_ANSWER && channel.read(one.clear()) > 0 && one.get(0) != '\n') {
            line.append((char) one.get(0));
        }
        return line.toString();
    }

    /** Sends back what it receives until the guest sends no more. */
    public static void echo(SocketChannel guest) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (guest.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                guest.write(buffer);
            }
        }
    }

    /** Does what the guest's {@code vsock-load send} takes for its peer: reads so many bytes and sends one. */
    public static VsockLoad.Transfer receive(SocketChannel guest, long bytes) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        long startNs = System.nanoTime();
        for (long left = bytes; left > 0; left -= buffer.limit()) {
            buffer.clear().limit((int) Math.min(left, BUFFER));
            if (guest.read(buffer) < 0) {
                throw new EOFException(left + " bytes are missing of " + bytes);
            }
            crc.update(buffer.flip());
        }
        guest.write(buffer.clear().limit(1));
        return new VsockLoad.Transfer(bytes, (int) crc.getValue(), System.nanoTime() - startNs);
    }

    /** Does what the guest's {@code vsock-load receive} takes: sends random bytes, and reads one. */
    public static VsockLoad.Transfer send(SocketChannel guest, long bytes) throws IOException {
        CRC32C crc = new CRC32C();
        SplittableRandom random = new SplittableRandom(bytes);
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        long startNs = System.nanoTime();
        for (long left = bytes; left > 0; left -= buffer.limit()) {
            buffer.clear();
            while (buffer.hasRemaining()) {
                buffer.putLong(random.nextLong());
            }
            buffer.clear().limit((int) Math.min(left, BUFFER));
            crc.update(buffer);
            buffer.rewind();
            while (buffer.hasRemaining()) {
                guest.write(buffer);
            }
        }
        if (guest.read(buffer.clear().limit(1)) < 0) {
            throw new EOFException("the guest did not say that it has all of " + bytes + " bytes");
        }
        return new VsockLoad.Transfer(bytes, (int) crc.getValue(), System.nanoTime() - startNs);
    }

    @Override
    public void close() throws IOException {
        for (ServerSocketChannel listener : listeners) {
            listener.close();
        }
    }
}
