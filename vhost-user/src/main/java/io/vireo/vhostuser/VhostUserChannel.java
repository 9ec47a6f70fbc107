package io.vireo.vhostuser;

import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** Whole messages over a Unix socket. One thread uses it; any thread may {@link #shutdown}. */
public final class VhostUserChannel implements AutoCloseable {
    /** Above any payload of the protocol; a longer one is refused before a byte of it is read. */
    public static final int MAX_PAYLOAD = 4096;

    private final UnixSocket socket;
    private boolean closed;

    public VhostUserChannel(UnixSocket socket) {
        this.socket = socket;
    }

    /** Waits until something comes over a socket, or throws when it has waited in vain for too long. */
    @FunctionalInterface
    public interface Patience {
        void await(UnixSocket socket) throws IOException;
    }

    /** Waits for a message, for ever. */
    public @Nullable VhostUserMessage receive() throws IOException {
        return receive(socket -> {});
    }

    /**
     * Waits for a message.
     *
     * @param patience asked before each part of it
     * @return the message, whose descriptors are the caller's, or null when the other end closed between two messages
     * @throws ProtocolViolation if it is cut short, too long, of another version, or came with too many descriptors
     */
    public @Nullable VhostUserMessage receive(Patience patience) throws IOException {
        List<Fd> fds = new ArrayList<>();
        try {
            byte[] header = new byte[VhostUserMessage.HEADER_SIZE];
            if (!receiveFully(header, fds, patience, true)) {
                return null;
            }
            Bytes<byte[]> fields = Bytes.wrapForRead(header);
            int request = fields.readInt();
            int flags = fields.readInt();
            int size = fields.readInt();
            if ((flags & VhostUserMessage.VERSION_MASK) != VhostUserMessage.VERSION) {
                throw new ProtocolViolation("message with flags 0x%x is not of version 1".formatted(flags));
            }
            if (size < 0 || size > MAX_PAYLOAD) {
                throw new ProtocolViolation("message with a payload of " + Integer.toUnsignedString(size)
                        + " bytes, at most " + MAX_PAYLOAD + " are allowed");
            }
            byte[] payload = new byte[size];
            receiveFully(payload, fds, patience, false);
            return new VhostUserMessage(request, flags, payload, fds);
        } catch (IOException e) {
            fds.forEach(Fd::close);
            throw e;
        }
    }

    private boolean receiveFully(byte[] into, List<Fd> fds, Patience patience, boolean mayEnd) throws IOException {
        int received = 0;
        while (received < into.length) {
            patience.await(socket);
            int count = socket.receive(into, received, into.length - received, fds);
            if (count == 0) {
                if (mayEnd && received == 0 && fds.isEmpty()) {
                    return false;
                }
                throw new ProtocolViolation("the connection ended inside a message");
            }
            received += count;
            if (fds.size() > UnixSocket.MAX_FDS) {
                throw new ProtocolViolation("a message with more than " + UnixSocket.MAX_FDS + " descriptors");
            }
        }
        return true;
    }

    public void send(VhostUserMessage message) throws LinuxException {
        byte[] bytes = new byte[VhostUserMessage.HEADER_SIZE + message.payload().length];
        Bytes<byte[]> out = Bytes.wrapForWrite(bytes);
        out.writeInt(message.request());
        out.writeInt(message.flags());
        out.writeInt(message.payload().length);
        out.write(message.payload());
        socket.send(bytes, message.fds());
    }

    /** Ends every present and later call of the thread that uses this channel. After {@link #close} it does nothing. */
    public synchronized void shutdown() {
        if (!closed) { // the descriptor's number may have a new owner by now
            socket.shutdown();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        socket.close();
    }
}
