package io.vireo.vsock.device;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.Memory;
import io.vireo.vhostuser.backend.NotifyFd;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingPlace;
import io.vireo.virtqueue.driver.DriverRing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a guest's kernel has for its device: a memory file with three rings, and a buffer for each of their entries. It kicks
 * where the device asks for it, and never else.
 */
public final class RingGuest implements AutoCloseable {
    static final int RING_SIZE = 64;
    static final int BUFFER = 4096;
    static final int CID = 33;

    private static final long GUEST = 0x1000_0000L;
    private static final long USER = 0x7000_0000_0000L;
    private static final int RING_BYTES = 0x1_0000;
    private static final int BUFFERS = DevicePort.QUEUES * RING_BYTES;
    private static final long SIZE = BUFFERS + (long) DevicePort.QUEUES * RING_SIZE * BUFFER;
    private static final long POLL_NS = 2000;
    private static final long TIMEOUT_NS = 30_000_000_000L;

    private final SharedMemory shared = SharedMemory.allocate("guest", SIZE, false);
    private final GuestMemory memory;
    private final Rings kind;
    private final DriverRing[] rings = new DriverRing[DevicePort.QUEUES];
    private final int[] bases = new int[DevicePort.QUEUES];
    private final List<Fd> kicks = new ArrayList<>();
    private final EventFd kick = EventFd.create();
    private final EventFd call = EventFd.create();
    private @Nullable VsockDevice served;
    final EventFd error = EventFd.create();
    /** How often it had to kick. */
    int kicked;

    public RingGuest(Rings kind) throws Exception {
        this.kind = kind;
        memory = GuestMemory.map(
                List.of(new MemoryRegion(GUEST, SIZE, USER, 0)),
                List.of(shared.fd().duplicate()));
        for (int queue = 0; queue < rings.length; queue++) {
            long at = (long) queue * RING_BYTES;
            rings[queue] = DriverRing.create(shared.address() + at, GUEST + at, RING_SIZE, kind.features);
            bases[queue] = rings[queue].initialBase();
        }
    }

    // ---- the session

    /** Starts a ring where it stood. */
    void start(VsockDevice device, int queue) throws Exception {
        DriverRing ring = rings[queue];
        RingPlace place = kind.isPacked()
                ? RingPlace.packed(
                        memory, RING_SIZE, user(ring.descriptors()), user(ring.available()), user(ring.used()))
                : RingPlace.split(
                        memory, RING_SIZE, user(ring.descriptors()), user(ring.available()), user(ring.used()));
        long features = kind.features | Features.VERSION_1 | Features.VSOCK_STREAM | Features.VSOCK_SEQPACKET;
        kicks.add(kick.fd().duplicate());
        served = device;
        device.startRing(new RingSetup(
                queue,
                memory,
                place,
                bases[queue],
                features,
                true,
                kicks.getLast(),
                new NotifyFd(call.fd(), false),
                new NotifyFd(error.fd(), false)));
    }

    public void start(VsockDevice device) throws Exception {
        for (int queue = 0; queue < rings.length; queue++) {
            start(device, queue);
        }
    }

    /** Starts all rings, with a buffer in each entry of that for receiving. */
    public void serve(VsockDevice device) throws Exception {
        start(device);
        post(DevicePort.RX, RING_SIZE, BUFFER);
    }

    int stop(VsockDevice device, int queue) {
        bases[queue] = device.stopRing(queue);
        return bases[queue] & 0x7fff;
    }

    void stop(VsockDevice device) {
        for (int queue = 0; queue < rings.length; queue++) {
            stop(device, queue);
        }
    }

    void loseMemory() throws Exception {
        Memory.truncate(shared.fd(), 0);
    }

    private long user(long address) {
        return USER + (address - shared.address());
    }

    private long guest(long address) {
        return GUEST + (address - shared.address());
    }

    private long buffer(int queue, int slot) {
        return shared.address() + BUFFERS + ((long) queue * RING_SIZE + slot) * BUFFER;
    }

    private void publish(int queue) {
        if (rings[queue].publish()) {
            kicked++;
            kick.signal();
        }
    }

    // ---- sending

    /** Whether the device waits for the next packet: it has gone to sleep, or is about to. */
    boolean isKickWanted() {
        return rings[DevicePort.TX].isKickWanted();
    }

    /** Sends a packet in pieces of the given lengths and one with the rest, as soon as there is room. */
    public void send(byte[] packet, int... pieces) {
        DriverRing ring = rings[DevicePort.TX];
        await(() -> hasRoom(ring, pieces.length + 1));
        long at = buffer(DevicePort.TX, ring.nextDescriptor());
        MemorySegment.copy(packet, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, at, packet.length);
        ring.begin();
        int left = packet.length;
        for (int piece : pieces) {
            ring.add(guest(at), piece, false);
            at += piece;
            left -= piece;
        }
        ring.add(guest(at), left, false);
        ring.end();
        publish(DevicePort.TX);
    }

    private static boolean hasRoom(DriverRing ring, int descriptors) {
        while (ring.pollUsed() != DriverRing.NONE) {
            // its slots are free again
        }
        return ring.freeDescriptors() >= descriptors;
    }

    int unsent() {
        hasRoom(rings[DevicePort.TX], 0);
        return RING_SIZE - rings[DevicePort.TX].freeDescriptors();
    }

    // ---- receiving

    /** Posts buffers of so many bytes each. */
    void post(int queue, int count, int bytes) {
        DriverRing ring = rings[queue];
        for (int i = 0; i < count; i++) {
            long at = buffer(queue, ring.nextDescriptor());
            HostMemory.fill(at, BUFFER, (byte) 0xa5);
            ring.begin();
            ring.add(guest(at), bytes, true);
            ring.end();
        }
        publish(queue);
    }

    /** The next buffer that came back: what was written into it. */
    byte[] take(int queue) {
        long[] used = {DriverRing.NONE};
        await(() -> (used[0] = rings[queue].pollUsed()) != DriverRing.NONE);
        byte[] bytes = new byte[(int) (used[0] >>> 32)];
        long at = buffer(queue, (int) used[0]);
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
        return bytes;
    }

    /** The next buffer that was received, for which another one is posted. */
    public byte[] receive() {
        byte[] bytes = take(DevicePort.RX);
        post(DevicePort.RX, 1, BUFFER);
        return bytes;
    }

    boolean hasReceived(int queue) {
        return rings[queue].requestInterrupts(false);
    }

    public static void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TIMEOUT_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("nothing happened");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    @Override
    public void close() {
        if (served != null) {
            stop(served); // whoever still serves the rings would touch memory that is not there any more
        }
        memory.close();
        shared.close();
        kicks.forEach(Fd::close);
        kick.close();
        call.close();
        error.close();
    }
}
