package io.vireo.vsock.endpoint;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.hugepages.HostMemory;
import io.vireo.linux.LinuxException;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.stream.Pipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A guest that sends any packets, and services that accept, read, write and end as the input says: bytes arrive in order and
 * once, none is sent without credit, packets are well formed, a reset is never answered, and after the guest has gone nothing
 * is left. The loop's thread is never started: its tasks are run here.
 */
public final class VsockTarget implements FuzzTarget {
    static final int GUEST = 33;
    private static final int HOST = 2;
    private static final int FIRST_PORT = 1000;
    private static final int PORTS = 3;
    private static final int MOST_PAYLOAD = 255;

    private final MemorySegment memory = Arena.global().allocate(VsockHeader.SIZE + MOST_PAYLOAD, Long.BYTES);
    private final Payload payload = new Payload();

    /** What the guest has sent of payload, by both ports; whatever became of it. */
    private final Map<Integer, Long> sentByGuest = new HashMap<>();

    /** Up to where it has allowed to send to it. */
    private final Map<Integer, Long> granted = new HashMap<>();

    private final Queue<Connection> requests = new ArrayDeque<>();
    private final List<Connection> all = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final Map<Integer, Link> latest = new HashMap<>();
    private int delivered;

    @Override
    public List<byte[]> seeds() {
        byte[] stream = {
            0, 0, 1, 1, 0, 0, 64, 0, 3, 0, 6, 0, 0, 1, 5, 9, 0, 64, 0, 4, 0, 9, 5, 0, 30, 6, 0, 0, 0, 1, 4, 3, 0, 64, 9,
            6, 0, 1, 0, 1
        };
        byte[] messages = {0, 16, 1, 1, 0, 0, 64, 0, 3, 0, 6, 0, 16, 5, 9, 1, 64, 0, 4, 0, 9, 5, 0, 30, 6, 7, 1};
        return List.of(stream, messages);
    }

    @Override
    public void run(Input input) throws LinuxException {
        sentByGuest.clear();
        requests.clear();
        all.clear();
        links.clear();
        latest.clear();
        granted.clear();
        delivered = 0;
        Port port = new Port();
        try (Loop loop = new Loop("fuzz", new NoFailures())) {
            Endpoint endpoint = new Endpoint(loop, GUEST, true, this::requested, port);
            try {
                endpoint.attach((input.u8() & 1) == 0);
                while (input.hasMore()) {
                    step(endpoint, port, input);
                }
                endpoint.detach();
                claim(endpoint.connections() == 0 && endpoint.pump(1) == 0, "nothing left of a guest that has gone");
            } finally {
                endpoint.close();
            }
        }
    }

    private void requested(Connection incoming) {
        requests.add(incoming);
        all.add(incoming);
    }

    private void step(Endpoint endpoint, Port port, Input input) {
        switch (input.below(8)) {
            case 0, 1, 2 -> packet(endpoint, port, input);
            case 3 -> answer(input.u8());
            case 4 -> link(input).read(input.u8());
            case 5 -> link(input).write(input.u8());
            case 6 -> pump(endpoint, port);
            default -> end(endpoint, input);
        }
    }

    private void packet(Endpoint endpoint, Port port, Input input) {
        int choice = input.u8();
        int guestPort = FIRST_PORT + choice % PORTS;
        int hostPort = FIRST_PORT + (choice >> 2 & 3) % PORTS;
        int type = 1 + (choice >> 4 & 1) + (choice >> 5 & 1);
        int op = input.below(9);
        int flags = input.u8();
        int length = input.u8();
        int more = (choice & 0x40) == 0 ? 0 : input.u8(); // that the header claims beyond what there is
        int key = guestPort << 16 | hostPort;
        long header = memory.address();
        HostMemory.putLong(header, (choice & 0x80) == 0 ? GUEST : input.i64());
        HostMemory.putLong(header + 8, HOST);
        HostMemory.putInt(header + 16, guestPort);
        HostMemory.putInt(header + 20, hostPort);
        HostMemory.putInt(header + 24, length + more);
        HostMemory.putShort(header + 28, (short) type);
        HostMemory.putShort(header + 30, (short) op);
        HostMemory.putInt(header + 32, flags);
        int allocated = input.u8() << 4;
        int forwarded = input.u8();
        HostMemory.putInt(header + 36, allocated);
        Link link = latest.get(key);
        // Often what is right: all that was sent, less something.
        int taken = link == null ? forwarded : (int) link.sent - forwarded;
        HostMemory.putInt(header + 40, taken);
        long credit = Integer.toUnsignedLong(taken) + allocated;
        granted.merge(key, credit, op == VsockHeader.REQUEST ? (_, now) -> now : Math::max);
        if (link != null) {
            link.granted = Math.max(link.granted, credit);
        }
        deliver(endpoint, port, key, length);
    }

    private void deliver(Endpoint endpoint, Port port, int key, int length) {
        long header = memory.address();
        long sent = sentByGuest.getOrDefault(key, 0L);
        payload.clear();
        for (int i = 0; i < length; i++) {
            HostMemory.putByte(header + VsockHeader.SIZE + i, (byte) (sent + i));
        }
        int half = length / 2;
        payload.add(header + VsockHeader.SIZE, half);
        payload.add(header + VsockHeader.SIZE + half, length - half);
        if (!endpoint.isReady()) {
            pump(endpoint, port);
        }
        boolean wasWaiting = endpoint.isWaiting();
        int connections = endpoint.connections();
        endpoint.received(header, payload);
        if (VsockHeader.op(header) == VsockHeader.RW) {
            sentByGuest.put(key, sent + length);
        }
        delivered++;
        boolean reset = VsockHeader.op(header) == VsockHeader.RST;
        claim(!reset || connections > 0 || endpoint.isWaiting() == wasWaiting, "a reset was answered");
        long counted = endpoint.counters().getOrDefault(VsockCounter.FROM_PEER_PACKETS, 0L);
        claim(counted == delivered, "each packet is counted");
    }

    private void answer(int how) {
        Connection request = requests.poll();
        if (request == null) {
            return;
        }
        if ((how & 7) == 7) {
            request.refuse();
            return;
        }
        int key = request.remote().port() << 16 | request.local().port();
        boolean wanted = request.isRequested();
        Link link = new Link(request, sentByGuest.getOrDefault(key, 0L));
        links.add(link);
        request.accept(link.from, link.to);
        if (wanted) {
            link.granted = granted.getOrDefault(key, 0L);
            latest.put(key, link);
        }
    }

    private Link link(Input input) {
        int which = input.u8();
        return links.isEmpty() ? Link.NONE : links.get(which % links.size());
    }

    private void end(Endpoint endpoint, Input input) {
        int how = input.u8();
        Link link = links.isEmpty() ? Link.NONE : links.get((how >> 3) % links.size());
        switch (how & 7) {
            case 0 -> link.to.end();
            case 1 -> link.from.abandon();
            case 2 -> link.from.reset();
            case 3 -> link.to.reset();
            case 4 -> endpoint.tick(System.nanoTime() + TimeUnit.DAYS.toNanos(1)); // all that waits has waited long
            case 5 -> {
                endpoint.detach();
                endpoint.attach(true);
            }
            default -> runTasks();
        }
    }

    private void runTasks() {
        for (Connection connection : all) {
            connection.run();
        }
    }

    private void pump(Endpoint endpoint, Port port) {
        port.room = MOST_PAYLOAD;
        runTasks();
        endpoint.pump(1000);
        claim(endpoint.isReady(), "room for answers");
    }

    /** The guest's buffers. */
    private final class Port implements PacketPort {
        int room;

        @Override
        public int sendRoom() {
            return room;
        }

        @Override
        public void send(long header, @Nullable Pipe pipe, int length) {
            claim(VsockHeader.sourceCid(header) == HOST, "who it says it is from");
            claim(VsockHeader.length(header) == length && length <= room, "how long it is");
            int op = VsockHeader.op(header);
            claim(op >= VsockHeader.REQUEST && op <= VsockHeader.CREDIT_REQUEST, "what it is");
            claim((op == VsockHeader.RW) == (length > 0), "payload in RW alone");
            if (pipe != null && length > 0) {
                int key = VsockHeader.destinationPort(header) << 16 | VsockHeader.sourcePort(header);
                Link link = latest.get(key);
                claim(link != null, "data of a connection that there is");
                if (link != null) {
                    link.sent(pipe, length);
                }
            }
        }

        @Override
        public void wantToSend() {}
    }

    private static final class NoFailures implements Loop.Failures {
        @Override
        public void memoryLost(InternalError error) {
            throw error;
        }

        @Override
        public void taskFailed(Throwable error) {
            throw new AssertionError("a task of the loop failed", error);
        }
    }
}
