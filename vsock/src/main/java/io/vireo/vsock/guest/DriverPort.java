package io.vireo.vsock.guest;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.LinuxException;
import io.vireo.virtqueue.driver.DriverRing;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.endpoint.Acceptor;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.endpoint.PacketPort;
import io.vireo.vsock.endpoint.Payload;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The driver's side of the rings (virtio 1.3, 5.10.2): keeps the device provided with buffers, hands what it received to the
 * endpoint, and sends what the endpoint has, each packet in a buffer of its own. On the loop's thread.
 */
final class DriverPort extends Task implements PacketPort {
    /** {@code VIRTIO_VSOCK_EVENT_TRANSPORT_RESET} (5.10.6.7). */
    private static final int TRANSPORT_RESET = 0;

    private static final int EVENT_BUFFERS = 8;
    private static final int PACKETS_A_TURN = 64;

    private final DriverMemory memory;
    private final int bufferSize;
    private final DriverQueue receive;
    private final DriverQueue transmit;
    private final DriverQueue events;
    private final Endpoint endpoint;
    private final boolean messages;

    /** Buffers in this process: of the receive and event rings by the head of their chain, of the transmit ring by slot. */
    private final long[] receiveBuffer;

    private final long[] transmitBuffer;
    private final long[] eventBuffer;

    private final Arena arena = Arena.ofShared();
    private final long header = arena.allocate(VsockHeader.SIZE, Long.BYTES).address();
    private final Payload payload = new Payload();
    private boolean awaitsRoom;

    /**
     * @param bufferSize bytes of each buffer, with the header
     * @param messages whether the device knows sockets of messages
     */
    DriverPort(
            Loop loop,
            int cid,
            boolean messages,
            Acceptor acceptor,
            DriverMemory memory,
            int bufferSize,
            DriverQueue[] queues) {
        super(loop);
        this.memory = memory;
        this.bufferSize = bufferSize;
        this.messages = messages;
        receive = queues[0];
        transmit = queues[1];
        events = queues[2];
        receiveBuffer = new long[receive.ring().size()];
        transmitBuffer = new long[transmit.ring().size()];
        eventBuffer = new long[events.ring().size()];
        Arrays.setAll(transmitBuffer, i -> memory.allocate(bufferSize));
        endpoint = new Endpoint(loop, cid, false, acceptor, this);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** On the loop's thread: provides buffers, and takes part from here on. */
    void start() {
        try {
            loop().watch(receive.call().fd(), this);
            loop().watch(transmit.call().fd(), this);
            loop().watch(events.call().fd(), this);
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
        for (int i = 0; i < receiveBuffer.length; i++) {
            offer(receive, receiveBuffer, memory.allocate(bufferSize), bufferSize);
        }
        for (int i = 0; i < Math.min(EVENT_BUFFERS, eventBuffer.length); i++) {
            offer(events, eventBuffer, memory.allocate(Integer.BYTES), Integer.BYTES);
        }
        receive.publish();
        events.publish();
        endpoint.attach(messages);
        ready();
    }

    private void offer(DriverQueue queue, long[] buffers, long buffer, int size) {
        DriverRing ring = queue.ring();
        ring.begin();
        ring.add(memory.guestAddress(buffer), size, true);
        buffers[ring.end()] = buffer;
    }

    /** Releases what it has; the loop has ended. */
    void close() {
        endpoint.close();
        arena.close();
    }

    // ---- a turn

    @Override
    protected void run() {
        int work = takeEvents();
        work += takePackets();
        work += endpoint.pump(PACKETS_A_TURN);
        receive.publish();
        transmit.publish();
        if (work > 0 || isMoreThere()) {
            ready();
        }
    }

    /** Asks for an interrupt at whatever this side waits for. @return whether some of it is there already */
    private boolean isMoreThere() {
        boolean more = events.ring().requestInterrupts(true);
        if (endpoint.isReady()) { // else what was received has to wait until answers could be sent
            more |= receive.ring().requestInterrupts(true);
        }
        if (endpoint.isWaiting() || awaitsRoom) {
            awaitsRoom = endpoint.isWaiting();
            more |= transmit.ring().requestInterrupts(awaitsRoom) && awaitsRoom;
        }
        return more;
    }

    // ---- receiving

    private int takePackets() {
        int count = 0;
        while (count < PACKETS_A_TURN && endpoint.isReady()) {
            long used = receive.ring().pollUsed();
            if (used == DriverRing.NONE) {
                break;
            }
            long buffer = receiveBuffer[(int) used];
            received(buffer, used >>> Integer.SIZE);
            offer(receive, receiveBuffer, buffer, bufferSize);
            count++;
        }
        return count;
    }

    private void received(long buffer, long length) {
        if (length < VsockHeader.SIZE || length > bufferSize) {
            endpoint.receivedShort();
            return;
        }
        HostMemory.copy(buffer, header, VsockHeader.SIZE);
        payload.clear();
        payload.add(buffer + VsockHeader.SIZE, length - VsockHeader.SIZE);
        endpoint.received(header, payload);
    }

    /** 5.10.6.7.1: after a reset of the transport no connection is any more; who listens goes on. */
    private int takeEvents() {
        int count = 0;
        long used = events.ring().pollUsed();
        while (used != DriverRing.NONE) {
            long buffer = eventBuffer[(int) used];
            if (used >>> Integer.SIZE == Integer.BYTES && HostMemory.getInt(buffer) == TRANSPORT_RESET) {
                endpoint.detach();
                endpoint.attach(messages);
            }
            offer(events, eventBuffer, buffer, Integer.BYTES);
            count++;
            used = events.ring().pollUsed();
        }
        if (count > 0) {
            events.publish();
        }
        return count;
    }

    // ---- sending

    @Override
    public void wantToSend() {
        ready();
    }

    @Override
    public int sendRoom() {
        DriverRing ring = transmit.ring();
        while (ring.freeDescriptors() == 0) {
            if (ring.pollUsed() == DriverRing.NONE) {
                return NONE;
            }
        }
        return bufferSize - VsockHeader.SIZE;
    }

    @Override
    public void send(long packetHeader, @Nullable Pipe content, int length) {
        DriverRing ring = transmit.ring();
        long buffer = transmitBuffer[ring.nextDescriptor()];
        HostMemory.copy(packetHeader, buffer, VsockHeader.SIZE);
        if (content != null) {
            content.copyTo(0, buffer + VsockHeader.SIZE, length);
        }
        ring.begin();
        ring.add(memory.guestAddress(buffer), VsockHeader.SIZE + length, false);
        ring.end();
    }
}
