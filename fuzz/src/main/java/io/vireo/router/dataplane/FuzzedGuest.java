package io.vireo.router.dataplane;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.RingPlace;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/** A driver that keeps its rings as it should, and a port; what is sent is anything. Begun anew for each input. */
final class FuzzedGuest {
    static final int RING_SIZE = 64;
    static final int MTU = 1500;
    static final int SLOT = 4096;
    private static final long RING = 0x4000;
    private static final long TRANSMIT_BUFFERS = 2 * RING;
    private static final long RECEIVE_BUFFERS = TRANSMIT_BUFFERS + (long) RING_SIZE * SLOT;
    private static final long SIZE = RECEIVE_BUFFERS + (long) RING_SIZE * SLOT;
    private static final long GUEST = 0x10_0000;
    private static final long USER = 0x7000_0000_0000L;

    private final SharedMemory shared;
    private final SharedMemory backlog;
    private final GuestMemory memory;
    private final int number;
    private final Queue<Integer> outstanding = new ArrayDeque<>();
    private final int[] posted = new int[RING_SIZE];
    private final ByteArrayOutputStream frame = new ByteArrayOutputStream();
    private int buffers;
    private long received;

    private DriverRing transmit;
    private DriverRing receive;
    private NetPort port;

    /** @param number 1, 2 and so on: its addresses end in that, or in 4 more */
    FuzzedGuest(int number) {
        this.number = number;
        try {
            shared = SharedMemory.allocate("fuzz", SIZE, false);
            backlog = SharedMemory.allocate("fuzz", NetPort.backlogSize(MTU), false);
            memory = GuestMemory.map(
                    List.of(new MemoryRegion(GUEST, SIZE, USER, 0)),
                    List.of(shared.fd().duplicate()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        transmit = ring(0, 0);
        receive = ring(RING, 0);
        port = new NetPort("none", ForwarderTarget.network(false), number, 0, MTU, backlog.address());
    }

    private DriverRing ring(long offset, long features) {
        HostMemory.fill(shared.address() + offset, RING, (byte) 0);
        return DriverRing.create(shared.address() + offset, GUEST + offset, RING_SIZE, features);
    }

    /** Begins anew, on a network that is new as well. */
    void begin(Network network, long features) {
        outstanding.clear();
        frame.reset();
        buffers = 0;
        received = 0;
        transmit = ring(0, features);
        receive = ring(RING, features);
        int ipv4 = 0x0A00_0004 + number;
        port = new NetPort("guest" + number, network, 0x5254_0012_3400L + number, ipv4, MTU, backlog.address());
        Ipv6Prefix own = Ipv6Prefix.of(new Ipv6Address(0x2001_0db8_0001_0000L | number, 0), 64);
        port.ipv6(new PortIpv6(Optional.of(own), Optional.empty()));
        network.assign(port, own);
        port.start(setup(NetPort.RECEIVE_QUEUE, receive, features));
        port.start(setup(NetPort.TRANSMIT_QUEUE, transmit, features));
    }

    private RingSetup setup(int queue, DriverRing ring, long features) {
        long descriptors = user(ring.descriptors());
        RingPlace place = (features & Features.RING_PACKED) != 0
                ? RingPlace.packed(memory, RING_SIZE, descriptors, user(ring.available()), user(ring.used()))
                : RingPlace.split(memory, RING_SIZE, descriptors, user(ring.available()), user(ring.used()));
        return new RingSetup(queue, memory, place, ring.initialBase(), features, true, null, null, null);
    }

    private long user(long address) {
        return USER + (address - shared.address());
    }

    private long guest(long address) {
        return GUEST + (address - shared.address());
    }

    NetPort port() {
        return port;
    }

    /** Frames that arrived whole. */
    long received() {
        return received;
    }

    /** Sends bytes from the virtio-net header on, of which the first {@code first} are a piece of their own. */
    void send(byte[] bytes, int first) {
        if (transmit.freeDescriptors() < 2 || bytes.length == 0) {
            return;
        }
        long at = shared.address() + TRANSMIT_BUFFERS + (long) transmit.nextDescriptor() * SLOT;
        MemorySegment.copy(bytes, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, at, bytes.length);
        int cut = Math.min(first, bytes.length);
        transmit.begin();
        if (cut > 0 && cut < bytes.length) {
            transmit.add(guest(at), cut, false);
            transmit.add(guest(at) + cut, bytes.length - cut, false);
        } else {
            transmit.add(guest(at), bytes.length, false);
        }
        outstanding.add(transmit.end());
        transmit.publish();
    }

    /** Posts receive buffers, as many as there is room for at most. */
    void post(int count, int length) {
        for (int i = 0; i < count && receive.freeDescriptors() > 0; i++) {
            int head = receive.nextDescriptor();
            receive.begin();
            receive.add(guest(receiveBuffer(head)), length, true);
            receive.end();
            posted[head] = length;
        }
        receive.publish();
    }

    private long receiveBuffer(int head) {
        return shared.address() + RECEIVE_BUFFERS + (long) head * SLOT;
    }

    /** Each chain that was sent comes back once and in order; what arrives is whole, and for this guest. */
    void reap() {
        for (long used = transmit.pollUsed(); used != DriverRing.NONE; used = transmit.pollUsed()) {
            Integer head = outstanding.poll();
            claim(head != null && head == (int) used, "a chain that was sent, in order");
        }
        for (long used = receive.pollUsed(); used != DriverRing.NONE; used = receive.pollUsed()) {
            take((int) used, (int) (used >>> 32));
        }
        claim(buffers == 0, "a frame does not end");
    }

    private void take(int head, int written) {
        claim(written > 0 && written <= posted[head], "as much as there was room for");
        byte[] part = new byte[written];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, receiveBuffer(head), part, 0, written);
        frame.writeBytes(part);
        buffers++;
        byte[] whole = frame.toByteArray();
        if (whole.length < VirtioNetHeader.SIZE) {
            return; // a guest may post buffers that are shorter
        }
        int announced = (whole[10] & 0xFF) | (whole[11] & 0xFF) << 8;
        claim(announced >= buffers, "in how many buffers it is");
        if (announced == buffers) {
            judge(whole);
            frame.reset();
            buffers = 0;
            received++;
        }
    }

    private void judge(byte[] whole) {
        claim(whole.length >= VirtioNetHeader.SIZE + 14, "an Ethernet header");
        long destination = 0;
        long source = 0;
        for (int i = 0; i < 6; i++) {
            destination = destination << 8 | (whole[VirtioNetHeader.SIZE + i] & 0xFF);
            source = source << 8 | (whole[VirtioNetHeader.SIZE + 6 + i] & 0xFF);
        }
        boolean group = (destination >>> 40 & 1) != 0;
        claim(group || destination == port.mac(), "for this guest");
        claim(source == 0x0200_0000_0001L, "from the gateway");
    }

    boolean isAllSentBack() {
        return outstanding.isEmpty();
    }
}
