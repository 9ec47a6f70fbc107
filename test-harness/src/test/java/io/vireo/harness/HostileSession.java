package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A connection to a backend that says whatever it likes, with memory and descriptors to say it with. */
final class HostileSession implements AutoCloseable {
    static final int RING_SIZE = 64;
    static final long SIZE = 0x1_0000;
    private static final long RING_SPACE = 0x4000;
    private static final long FEATURES = Features.VERSION_1 | Features.VHOST_USER_PROTOCOL_FEATURES;

    final SharedMemory memory;
    final EventFd kick;
    final EventFd call;
    private final UnixSocket socket;
    private final VhostUserChannel channel;

    HostileSession(Path path) throws IOException {
        socket = UnixSocket.connect(path);
        channel = new VhostUserChannel(socket);
        memory = SharedMemory.allocate("guest", SIZE, false);
        kick = EventFd.create();
        call = EventFd.create();
    }

    HostileSession send(Request request, byte[] payload, Fd... fds) throws IOException {
        channel.send(VhostUserMessage.of(request, payload).withFds(List.of(fds)));
        return this;
    }

    HostileSession u64(Request request, long value, Fd... fds) throws IOException {
        return send(request, Payload.u64(value), fds);
    }

    HostileSession state(Request request, int index, int value) throws IOException {
        return send(request, new Payload.VringState(index, value).write());
    }

    HostileSession inflight(Request request, long size, long offset, int queues, int queueSize, Fd... fds)
            throws IOException {
        return send(request, new Payload.Inflight(size, offset, queues, queueSize).write(), fds);
    }

    HostileSession address(int index, long descriptors, long used, long available) throws IOException {
        return send(Request.SET_VRING_ADDR, new Payload.VringAddress(index, descriptors, used, available).write());
    }

    /** A memory table of these regions, each in the one file that there is. */
    HostileSession table(MemoryRegion... regions) throws IOException {
        Fd[] files = new Fd[regions.length];
        Arrays.fill(files, memory.fd());
        return send(Request.SET_MEM_TABLE, Payload.memoryTable(List.of(regions)), files);
    }

    HostileSession add(MemoryRegion region, Fd... files) throws IOException {
        return send(Request.ADD_MEM_REG, Payload.memoryRegion(region), files);
    }

    /** All of the memory, from the guest's address 0 on. */
    MemoryRegion all() {
        return new MemoryRegion(0, SIZE, memory.address(), 0);
    }

    /** A message's header with anything in it. */
    static byte[] header(int request, int flags, int size) {
        return ByteBuffer.allocate(VhostUserMessage.HEADER_SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(request)
                .putInt(flags)
                .putInt(size)
                .array();
    }

    HostileSession raw(byte[] bytes, Fd... fds) throws IOException {
        socket.send(bytes, List.of(fds));
        return this;
    }

    HostileSession negotiate() throws IOException {
        send(Request.SET_OWNER, new byte[0]);
        return u64(Request.SET_FEATURES, FEATURES);
    }

    /** Everything that a ring needs but its kick. */
    HostileSession prepare(int queue) throws IOException {
        DriverRing ring = ring(queue);
        return negotiate()
                .table(all())
                .state(Request.SET_VRING_NUM, queue, RING_SIZE)
                .address(queue, ring.descriptors(), ring.used(), ring.available());
    }

    DriverRing ring(int queue) {
        long offset = queue * RING_SPACE;
        return DriverRing.create(memory.address() + offset, offset, RING_SIZE, Features.VERSION_1);
    }

    HostileSession kick(int queue) throws IOException {
        return u64(Request.SET_VRING_KICK, queue, kick.fd());
    }

    HostileSession start(int queue) throws IOException {
        return prepare(queue).kick(queue);
    }

    VhostUserMessage answer() throws IOException {
        VhostUserMessage answer = channel.receive();
        assertNotNull(answer, "the backend has closed the connection");
        return answer;
    }

    /** The backend has understood all before, and goes on. */
    void assertAnswered() throws IOException {
        VhostUserMessage answer = send(Request.GET_QUEUE_NUM, new byte[0]).answer();
        assertEquals(3, Payload.readU64(answer)); // as a network device with a pair of queues has, and a vsock device
    }

    /** Reads until the backend closes the connection. */
    void assertClosed() throws IOException {
        List<Fd> fds = new ArrayList<>();
        int count = 1;
        while (count > 0) {
            count = socket.receive(new byte[256], 0, 256, fds);
        }
        assertTrue(fds.isEmpty());
    }

    /** No more is sent, and nothing received; what was brought along is the backend's alone to release. */
    void leave() {
        channel.close();
    }

    @Override
    public void close() {
        channel.close();
        memory.close();
        kick.close();
        call.close();
    }
}
