package io.vireo.vhostuser.backend;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.virtqueue.Features;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A frontend from its first byte to its last: whole messages, and pieces of any, with descriptors of any kind. The session
 * keeps the promises of {@link VhostUserDevice}, it ends when the frontend does, and no descriptor is left.
 *
 * <p>Each chunk begins with a byte: its highest bit says that raw bytes follow, else the others are a request's code; and a
 * byte that says which descriptors come along, two bits each of four. Then a length, and as many bytes.
 */
public final class SessionTarget implements FuzzTarget {
    private static final long GUEST = 0x1_0000;
    private static final long USER = 0x7000_0000_0000L;
    private static final int MEMORY = 0x1_0000;
    private static final int RAW = 0x80;
    private static final int NEEDS_REPLY = 0x40;
    private static final int MEMORY_FILE = 1;
    private static final int EVENT = 2;
    private static final int SHORT_FILE = 3;

    /** Whatever message is under way is filled up by this, and the next one is none. */
    private static final byte[] END = new byte[2 * 4096];

    private final FuzzedDevice device = new FuzzedDevice();
    private final SharedMemory memory;
    private final SharedMemory shortMemory;
    private final EventFd event;
    private final Path path;
    private final int descriptors;

    public SessionTarget() {
        try {
            Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "vireo-fuzz-");
            path = folder.resolve("session.sock");
            folder.toFile().deleteOnExit();
            path.toFile().deleteOnExit();
            memory = SharedMemory.allocate("fuzzed", MEMORY, false);
            shortMemory = SharedMemory.allocate("fuzzed", MEMORY / 2, false);
            event = EventFd.create();
            VhostUserServer.bind(path, device).start();
            converse(new Input(new byte[0]));
            descriptors = openDescriptors();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int maximumLength() {
        return 900; // as many answers as a socket holds, so that nobody need read them before the end
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                startUp(Features.VERSION_1),
                startUp(FuzzedDevice.FEATURES),
                startUp(Features.VERSION_1 | Features.VHOST_USER_PROTOCOL_FEATURES));
    }

    private static byte[] startUp(long features) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        chunk(out, Request.SET_OWNER, 0, new byte[0]);
        chunk(out, Request.GET_FEATURES, 0, new byte[0]);
        chunk(out, Request.SET_PROTOCOL_FEATURES, 0, Payload.u64(1 | 1 << 3));
        chunk(out, Request.SET_FEATURES, 0, Payload.u64(features));
        List<MemoryRegion> table = List.of(new MemoryRegion(GUEST, MEMORY, USER, 0));
        chunk(out, Request.SET_MEM_TABLE, MEMORY_FILE, Payload.memoryTable(table));
        for (int queue = 0; queue < FuzzedDevice.QUEUES; queue++) {
            long ring = USER + queue * 0x4000L;
            chunk(out, Request.SET_VRING_NUM, 0, new Payload.VringState(queue, 16).write());
            chunk(out, Request.SET_VRING_BASE, 0, new Payload.VringState(queue, 0).write());
            chunk(
                    out,
                    Request.SET_VRING_ADDR,
                    0,
                    new Payload.VringAddress(queue, ring, ring + 0x2000, ring + 0x1000).write());
            chunk(out, Request.SET_VRING_CALL, EVENT, Payload.u64(queue));
            chunk(out, Request.SET_VRING_KICK, EVENT, Payload.u64(queue));
            chunk(out, Request.SET_VRING_ENABLE, 0, new Payload.VringState(queue, 1).write());
        }
        chunk(out, Request.GET_CONFIG, 0, new Payload.Config(0, 0, new byte[6]).write());
        chunk(out, Request.GET_VRING_BASE, 0, new Payload.VringState(0, 0).write());
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, Request request, int descriptors, byte[] payload) {
        out.write(request.code());
        out.write(descriptors);
        out.write(payload.length);
        out.writeBytes(payload);
    }

    @Override
    public void run(Input input) throws IOException {
        HostMemory.fill(memory.address(), memory.size(), (byte) 0);
        converse(input);
        Throwable failure = device.failure();
        if (failure != null) {
            throw new AssertionError("on the session's thread", failure);
        }
        claim(openDescriptors() == descriptors, "a descriptor was left, or closed twice");
    }

    /** Returns when the session has ended, and has released everything. */
    private void converse(Input input) throws IOException {
        try (UnixSocket socket = UnixSocket.connect(path)) {
            try {
                while (input.hasMore()) {
                    send(socket, input);
                }
                socket.send(END, List.of());
            } catch (LinuxException _) {
                // the session has ended before
            }
            awaitEnd(socket);
        }
    }

    private void send(UnixSocket socket, Input input) throws LinuxException {
        int head = input.u8();
        int choice = input.u8();
        byte[] content = input.take(input.u8());
        List<Fd> files = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            switch ((choice >> (2 * i)) & 3) {
                case MEMORY_FILE -> files.add(memory.fd());
                case EVENT -> files.add(event.fd());
                case SHORT_FILE -> files.add(shortMemory.fd());
                default -> {}
            }
        }
        byte[] bytes = (head & RAW) != 0 ? content : message(head, content);
        if (bytes.length > 0) { // a descriptor comes with a byte, or not at all
            socket.send(bytes, files);
        }
    }

    private static byte[] message(int head, byte[] payload) {
        int flags = VhostUserMessage.VERSION | ((head & NEEDS_REPLY) != 0 ? VhostUserMessage.FLAG_NEED_REPLY : 0);
        return ByteBuffer.allocate(VhostUserMessage.HEADER_SIZE + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(head & (NEEDS_REPLY - 1))
                .putInt(flags)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    private static void awaitEnd(UnixSocket socket) {
        byte[] answers = new byte[4096];
        List<Fd> received = new ArrayList<>();
        try {
            while (socket.receive(answers, 0, answers.length, received) > 0) {
                received.forEach(Fd::close);
                received.clear();
            }
        } catch (LinuxException _) {
            // reset, as it had not read everything
        }
    }

    private static int openDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.count();
        }
    }
}
