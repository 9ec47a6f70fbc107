package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.VhostUserMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A frontend that sends whatever it likes. Its requests are not acknowledged. */
final class HostileFrontend implements AutoCloseable {
    private final SessionFixture f;
    private final UnixSocket socket;
    private final VhostUserChannel channel;

    HostileFrontend(SessionFixture f) throws IOException {
        this.f = f;
        socket = UnixSocket.connect(f.path);
        channel = new VhostUserChannel(socket);
    }

    HostileFrontend send(Request request, byte[] payload, Fd... fds) throws IOException {
        channel.send(VhostUserMessage.of(request, payload).withFds(List.of(fds)));
        return this;
    }

    HostileFrontend u64(Request request, long value, Fd... fds) throws IOException {
        return send(request, Payload.u64(value), fds);
    }

    HostileFrontend state(Request request, int index, int value) throws IOException {
        return send(request, new Payload.VringState(index, value).write());
    }

    HostileFrontend table(List<MemoryRegion> table, Fd... files) throws IOException {
        return send(Request.SET_MEM_TABLE, Payload.memoryTable(table), files);
    }

    HostileFrontend region(Request request, MemoryRegion region, Fd... files) throws IOException {
        return send(request, Payload.memoryRegion(region), files);
    }

    HostileFrontend inflight(Request request, long size, long offset, int queues, int queueSize, Fd... files)
            throws IOException {
        return send(request, new Payload.Inflight(size, offset, queues, queueSize).write(), files);
    }

    HostileFrontend address(int index, long descriptors, long used, long available) throws IOException {
        return send(Request.SET_VRING_ADDR, new Payload.VringAddress(index, descriptors, used, available).write());
    }

    /** A message header with anything in it. */
    static byte[] header(int request, int flags, int size) {
        return ByteBuffer.allocate(VhostUserMessage.HEADER_SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(request)
                .putInt(flags)
                .putInt(size)
                .array();
    }

    HostileFrontend raw(byte[] bytes, Fd... fds) throws IOException {
        socket.send(bytes, List.of(fds));
        return this;
    }

    /** Bytes with the same descriptor many times over. */
    HostileFrontend flood(byte[] bytes, int descriptors) throws IOException {
        socket.send(bytes, Collections.nCopies(descriptors, f.kick.fd()));
        return this;
    }

    HostileFrontend negotiate() throws IOException {
        send(Request.SET_OWNER, new byte[0]);
        return u64(Request.SET_FEATURES, SessionFixture.FEATURES);
    }

    /** Everything that a ring needs but its kick. */
    HostileFrontend prepare(int queue) throws IOException {
        negotiate().table(f.memory.table(), f.memory.file);
        return state(Request.SET_VRING_NUM, queue, FrontendMemory.RING_SIZE)
                .address(queue, f.memory.descriptors(queue), f.memory.used(queue), f.memory.available(queue));
    }

    HostileFrontend start(int queue) throws IOException {
        return prepare(queue).u64(Request.SET_VRING_KICK, queue, f.kick.fd());
    }

    @Nullable
    VhostUserMessage receive() throws IOException {
        return channel.receive();
    }

    /** Reads until the backend closes the connection. */
    void assertClosed() throws IOException {
        try {
            List<Fd> fds = new ArrayList<>();
            while (socket.receive(new byte[256], 0, 256, fds) > 0) {
                assertTrue(fds.isEmpty());
            }
        } catch (LinuxException e) {
            throw new AssertionError("a connection that was neither open nor closed", e);
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
