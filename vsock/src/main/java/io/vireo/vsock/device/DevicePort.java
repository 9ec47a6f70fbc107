package io.vireo.vsock.device;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Doorbell;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.backend.GuestLog;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingFault;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.endpoint.Acceptor;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.endpoint.PacketPort;
import io.vireo.vsock.endpoint.Payload;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The device's side of the rings (virtio 1.3, 5.10.2): what the guest sends it hands to the endpoint, and what the endpoint
 * sends it writes into the guest's buffers. Polls for a while after there was work, then waits for kicks. On the loop's
 * thread.
 */
final class DevicePort extends Task implements PacketPort {
    static final int RX = 0;
    static final int TX = 1;
    static final int EVENTS = 2;
    static final int QUEUES = 3;

    /** {@code VIRTIO_VSOCK_EVENT_TRANSPORT_RESET} (5.10.6.7). */
    private static final int TRANSPORT_RESET = 0;

    private static final int BATCH = 32;
    private static final int SEGMENTS = 4096;
    private static final int PACKETS_A_TURN = 64;
    private static final long SPIN_NS = TimeUnit.MICROSECONDS.toNanos(50);

    private final GuestLog log;
    private final Endpoint endpoint;
    private final Doorbell doorbell;
    private final VsockRing[] rings = new VsockRing[QUEUES];

    private final Arena arena = Arena.ofShared();
    private final long header = arena.allocate(VsockHeader.SIZE, Long.BYTES).address();

    private final DescriptorChains sent = new DescriptorChains(BATCH, SEGMENTS);
    private final Payload payload = new Payload();

    /** Buffers of the guest that were taken, of which the first so many have been filled. */
    private final DescriptorChains buffers = new DescriptorChains(BATCH, SEGMENTS);

    private final int[] written = new int[BATCH];
    private int filled;

    /** Whether the guest is to be told that the connections it knows of are no more: somebody else served it before. */
    private boolean resetDue;

    /** Whether no connections of the guest's driver are known: it was reset, or has not been served since it broke a ring. */
    private boolean isNew = true;

    private boolean hot;
    private long workedNs;

    DevicePort(String name, int cid, Loop loop, Acceptor acceptor) throws LinuxException {
        super(loop);
        log = GuestLog.of(name);
        doorbell = new Doorbell();
        endpoint = new Endpoint(loop, cid, true, acceptor, this);
        rings[RX] = new VsockRing(Direction.WRITABLE, loop);
        rings[TX] = new VsockRing(Direction.READABLE, loop);
        rings[EVENTS] = new VsockRing(Direction.WRITABLE, loop);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Releases what it has; the loop has ended. */
    void close() {
        doorbell.close();
        endpoint.close();
        arena.close();
    }

    // ---- the session's wishes

    void start(RingSetup setup) {
        rings[setup.queue()].start(setup, this);
        resetDue |= isNew && setup.queue() != EVENTS && rings[setup.queue()].isInUse();
        isNew &= setup.queue() != TX; // which comes last of the two that carry packets
        endpoint.attach(setup.has(Features.VSOCK_SEQPACKET));
        ready();
    }

    void enable(int queue, boolean enabled) {
        rings[queue].enable(enabled);
        ready();
    }

    int stop(int queue) {
        return rings[queue].stop();
    }

    void reset() {
        resetDue = false;
        isNew = true;
        if (endpoint.isAttached()) {
            endpoint.note(VsockCounter.DEVICE_RESETS);
        }
        endpoint.detach();
    }

    /** Some page of the guest's memory is gone: nothing more of its rings is touched until its frontend starts them again. */
    void memoryLost() {
        endpoint.note(VsockCounter.MEMORY_LOST);
        breakDown(RingFault.MEMORY_LOST);
    }

    /** After a failure of our own, or for want of memory. */
    void isolate(Throwable failure) {
        log.error("stopped serving the guest's sockets after a failure of our own", failure);
        stopServing(RingFault.MEMORY_LOST);
    }

    private void breakDown(RingFault reason) {
        log.warn("stopped serving the guest's sockets: " + reason.description());
        stopServing(reason);
        for (VsockRing ring : rings) {
            ring.ringError(doorbell);
        }
    }

    /** What was taken of the rings may lie in memory that is unmapped by the time they are served again. */
    private void stopServing(RingFault reason) {
        sent.clear();
        buffers.clear();
        filled = 0;
        for (VsockRing ring : rings) {
            ring.fail(reason);
        }
        endpoint.detach();
        isNew = true; // if it goes on, it has to be told that its connections are gone
    }

    // ---- a turn

    @Override
    public void wantToSend() {
        ready();
    }

    @Override
    protected void run() {
        int work = serveSent();
        work += endpoint.pump(PACKETS_A_TURN);
        giveBackBuffers();
        tellOfReset();
        for (VsockRing ring : rings) {
            ring.publish(doorbell);
        }
        if (breakIfFaulty()) {
            return;
        }
        goOn(work);
    }

    private boolean breakIfFaulty() {
        for (VsockRing ring : rings) {
            RingFault fault = ring.fault();
            if (fault != null) {
                if (endpoint.isAttached()) {
                    breakDown(fault);
                }
                return true;
            }
        }
        return false;
    }

    /** Polls on for a while after work, and goes on at the next kick after that. */
    private void goOn(int work) {
        DeviceRing transmit = rings[TX].ready();
        if (transmit == null) {
            return;
        }
        boolean polls = rings[TX].hasNoKick();
        long nowNs = System.nanoTime();
        if (work > 0) {
            workedNs = nowNs;
            if (!hot) {
                hot = true;
                transmit.suppressKicks();
                suppressBufferKicks();
            }
        }
        if (polls || (hot && nowNs - workedNs < SPIN_NS)) {
            Thread.onSpinWait();
            ready();
            return;
        }
        hot = false;
        boolean more = endpoint.isReady() && transmit.requestKicks();
        if (endpoint.isWaiting() && wantsBuffers()) {
            more = true;
        }
        if (more) {
            ready();
        }
    }

    private void suppressBufferKicks() {
        DeviceRing receive = rings[RX].ready();
        if (receive != null) {
            receive.suppressKicks();
        }
    }

    /** Asks for a kick at the guest's next buffer. @return whether there is one already */
    private boolean wantsBuffers() {
        DeviceRing receive = rings[RX].ready();
        return receive != null && receive.requestKicks();
    }

    // ---- what the guest sends

    private int serveSent() {
        DeviceRing ring = rings[TX].ready();
        if (ring == null || !endpoint.isReady()) {
            return 0;
        }
        int count = ring.take(sent, BATCH);
        int served = 0;
        while (served < count && endpoint.isReady()) {
            receive(served++);
        }
        if (served < count) {
            ring.rewind(sent.position[served]);
            sent.truncate(served);
        }
        if (served > 0) {
            ring.complete(sent);
        }
        sent.clear();
        return served;
    }

    /** The header may lie in any number of pieces, and the payload begin behind it in the last of them. */
    private void receive(int chain) {
        payload.clear();
        int copied = 0;
        int end = sent.firstSegment[chain + 1];
        for (int segment = sent.firstSegment[chain]; segment < end; segment++) {
            long address = sent.address[segment];
            long length = sent.length[segment];
            int part = (int) Math.min(VsockHeader.SIZE - copied, length);
            if (part > 0) {
                HostMemory.copy(address, header + copied, part);
                copied += part;
            }
            if (length > part) {
                payload.add(address + part, length - part);
            }
        }
        if (copied < VsockHeader.SIZE) {
            endpoint.receivedShort();
        } else {
            endpoint.received(header, payload);
        }
    }

    // ---- what it is sent

    @Override
    public int sendRoom() {
        DeviceRing ring = rings[RX].ready();
        if (ring == null) {
            return NONE;
        }
        if (filled == buffers.count()) {
            giveBackBuffers();
            if (ring.take(buffers, BATCH) == 0) {
                return NONE;
            }
        }
        while (filled < buffers.count()) {
            int bytes = buffers.bytes[filled];
            if (bytes > VsockHeader.SIZE) {
                return bytes - VsockHeader.SIZE;
            }
            written[filled++] = 0; // no data fit: of no use, and whoever has data would wait behind it for ever
        }
        return NONE; // the next batch has to wait for the next turn, as a guest may make such buffers without end
    }

    @Override
    public void send(long packetHeader, @Nullable Pipe content, int length) {
        int segment = buffers.firstSegment[filled];
        int copied = 0;
        int taken = 0;
        while (copied < VsockHeader.SIZE || taken < length) {
            long address = buffers.address[segment];
            long room = buffers.length[segment];
            segment++;
            int part = (int) Math.min(VsockHeader.SIZE - copied, room);
            if (part > 0) {
                HostMemory.copy(packetHeader + copied, address, part);
                copied += part;
            }
            int more = (int) Math.min(length - taken, room - part);
            if (more > 0 && content != null) {
                content.copyTo(taken, address + part, more);
                taken += more;
            }
        }
        written[filled++] = VsockHeader.SIZE + length;
    }

    /** Completes the buffers that were filled, and gives back the others. */
    private void giveBackBuffers() {
        DeviceRing ring = rings[RX].started();
        if (ring != null && buffers.count() > 0) {
            if (filled < buffers.count()) {
                int next = buffers.position[filled];
                buffers.truncate(filled);
                ring.rewind(next);
            }
            if (filled > 0) {
                ring.complete(buffers, filled, written);
            }
        }
        buffers.clear();
        filled = 0;
    }

    private void tellOfReset() {
        DeviceRing ring = resetDue ? rings[EVENTS].ready() : null;
        if (ring == null || ring.take(buffers, 1) == 0) {
            return;
        }
        boolean fits = buffers.length[0] >= Integer.BYTES && buffers.bytes[0] >= Integer.BYTES;
        if (fits) {
            HostMemory.putInt(buffers.address[0], TRANSPORT_RESET);
        }
        written[0] = fits ? Integer.BYTES : 0;
        ring.complete(buffers, 1, written);
        buffers.clear();
        resetDue = false;
    }
}
