package io.vireo.benchmarks;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingPlace;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** A guest's memory, its two rings seen from the driver, and its port seen from the router. */
final class BenchmarkGuest implements AutoCloseable {
    static final int RING_SIZE = 256;

    private static final int RECEIVE_BUFFER = 2048;
    private static final int MTU = 1500;
    private static final long FEATURES = Features.VERSION_1 | Features.RING_EVENT_IDX | Features.NET_MRG_RXBUF;

    private final long features;
    private final int transmitBuffer;

    private final SharedMemory shared;
    private final SharedMemory backlog;
    private final GuestMemory memory;
    private final DriverRing transmit;
    private final DriverRing receive;
    private final long buffers;
    private final NetPort port;

    /** A network for guests of any addresses. */
    static Network network() {
        Ipv4Prefix prefix = Ipv4Prefix.parse("10.0.0.0/24");
        return new Network("default", prefix, Ipv4Address.parse("10.0.0.1"), false, Optional.empty());
    }

    /**
     * @param more features than those that all have
     * @param longest bytes of the longest packet it sends
     */
    BenchmarkGuest(String name, Network network, long mac, int ipv4, long more, int longest) throws IOException {
        features = FEATURES | more;
        transmitBuffer = (longest + 2047) & -2048;
        long ringSize = (DriverRing.memorySize(RING_SIZE, features) + 4095) & -4096;
        long buffersSize = (long) RING_SIZE * (transmitBuffer + RECEIVE_BUFFER);
        shared = SharedMemory.allocate(name, 2 * ringSize + buffersSize);
        backlog = SharedMemory.allocate(name, NetPort.backlogSize(MTU));
        memory = GuestMemory.map(
                List.of(new MemoryRegion(0, shared.size(), shared.address(), 0)),
                List.of(shared.fd().duplicate()));
        transmit = DriverRing.create(shared.address(), 0, RING_SIZE, features);
        receive = DriverRing.create(shared.address() + ringSize, ringSize, RING_SIZE, features);
        buffers = shared.address() + 2 * ringSize;
        port = new NetPort(name, network, mac, ipv4, MTU, backlog.address());
        port.start(setup(NetPort.TRANSMIT_QUEUE, transmit));
        port.start(setup(NetPort.RECEIVE_QUEUE, receive));
        transmit.requestInterrupts(false);
        receive.requestInterrupts(false);
        for (int i = 0; i < RING_SIZE; i++) {
            postReceiveBuffer();
        }
        receive.publish();
    }

    RingSetup setup(int queue, DriverRing ring) {
        RingPlace place = place(ring);
        return new RingSetup(queue, memory, place, ring.initialBase(), features, true, null, null, null);
    }

    GuestMemory memory() {
        return memory;
    }

    DriverRing transmitRing() {
        return transmit;
    }

    RingPlace place(DriverRing ring) {
        return (features & Features.RING_PACKED) == 0
                ? RingPlace.split(memory, RING_SIZE, ring.descriptors(), ring.available(), ring.used())
                : RingPlace.packed(memory, RING_SIZE, ring.descriptors(), ring.available(), ring.used());
    }

    NetPort port() {
        return port;
    }

    /** Puts a packet into every transmit buffer, so that sending it costs no copy. */
    void loadTransmitBuffers(byte[] packet) {
        for (int i = 0; i < RING_SIZE; i++) {
            MemorySegment.copy(packet, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, transmitBuffer(i), packet.length);
        }
    }

    private long transmitBuffer(int descriptor) {
        return buffers + (long) descriptor * transmitBuffer;
    }

    private long receiveBuffer(int descriptor) {
        return buffers + (long) RING_SIZE * transmitBuffer + (long) descriptor * RECEIVE_BUFFER;
    }

    /** Offers {@code count} of the loaded packets. */
    void send(int count, int length) {
        for (int i = 0; i < count; i++) {
            long buffer = transmitBuffer(transmit.nextDescriptor());
            transmit.begin();
            transmit.add(buffer - shared.address(), length, false);
            transmit.end();
        }
        transmit.publish();
    }

    /** As {@link #send}, each packet with the next number in its last four bytes. */
    void sendNumbered(int count, int length, int first) {
        for (int i = 0; i < count; i++) {
            long buffer = transmitBuffer(transmit.nextDescriptor());
            HostMemory.putInt(buffer + length - Integer.BYTES, first + i);
            transmit.begin();
            transmit.add(buffer - shared.address(), length, false);
            transmit.end();
        }
        transmit.publish();
    }

    /** Takes back what was sent. @return how many */
    int reap() {
        int count = 0;
        while (transmit.pollUsed() != DriverRing.NONE) {
            count++;
        }
        return count;
    }

    /** Takes what was received and posts its buffers again. @return how many */
    int receive() {
        int count = 0;
        while (receive.pollUsed() != DriverRing.NONE) {
            postReceiveBuffer();
            count++;
        }
        receive.publish();
        return count;
    }

    /** As {@link #receive}. @throws IllegalStateException if the numbers are not those from {@code first} on, in order */
    int receiveNumbered(int length, int first) {
        int count = 0;
        for (long used = receive.pollUsed(); used != DriverRing.NONE; used = receive.pollUsed()) {
            long buffer = receiveBuffer((int) used);
            int number = HostMemory.getInt(buffer + length - Integer.BYTES);
            if (number != first + count) {
                throw new IllegalStateException("frame " + number + " arrived in place of " + (first + count));
            }
            postReceiveBuffer();
            count++;
        }
        receive.publish();
        return count;
    }

    private void postReceiveBuffer() {
        long buffer = receiveBuffer(receive.nextDescriptor());
        receive.begin();
        receive.add(buffer - shared.address(), RECEIVE_BUFFER, true);
        receive.end();
    }

    @Override
    public void close() {
        memory.close();
        shared.close();
        backlog.close();
    }
}
