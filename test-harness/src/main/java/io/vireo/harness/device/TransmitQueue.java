package io.vireo.harness.device;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A ring whose chains the device reads, and a buffer for each of its descriptors. Confined to one thread. */
final class TransmitQueue {
    /** For as long as a busy machine may keep the backend from running. */
    private static final long FREE_WITHIN_NS = TimeUnit.SECONDS.toNanos(10);

    private final FrontendMemory memory;
    private final FrontendQueue queue;
    private final DriverRing ring;
    private final int bufferSize;
    /** The address, in this process, of each descriptor's buffer. */
    private final long[] buffers;

    private int underWay;

    TransmitQueue(FrontendMemory memory, FrontendQueue queue, int bufferSize) {
        this.memory = memory;
        this.queue = queue;
        this.bufferSize = bufferSize;
        ring = queue.ring;
        buffers = new long[ring.size()];
        Arrays.setAll(buffers, i -> memory.allocate(bufferSize));
    }

    /** Sends a packet in buffers as full as they can be. @throws IOException if none becomes free in ten seconds */
    void send(byte[] packet) throws IOException {
        send(packet, bufferSize, bufferSize);
    }

    /**
     * Sends a packet as one chain: a first buffer of {@code first} bytes, and others of {@code others} each.
     *
     * @throws IOException if the buffers do not become free in a second
     */
    void send(byte[] packet, int first, int others) throws IOException {
        int parts = 1 + Math.ceilDiv(Math.max(0, packet.length - first), others);
        long deadlineNs = System.nanoTime() + FREE_WITHIN_NS;
        reap();
        while (ring.freeDescriptors() < parts) {
            if (!queue.awaitUsed(deadlineNs)) {
                throw new IOException("the transmit ring is full");
            }
            reap();
        }
        offer(packet, first, others);
        queue.publish();
    }

    private void offer(byte[] packet, int first, int others) {
        ring.begin();
        int offset = 0;
        int size = first;
        do {
            int length = Math.min(size, packet.length - offset);
            long buffer = buffers[ring.nextDescriptor()];
            MemorySegment.copy(packet, offset, HostMemory.ALL, ValueLayout.JAVA_BYTE, buffer, length);
            ring.add(memory.guestAddress(buffer), length, false);
            offset += length;
            size = others;
        } while (offset < packet.length);
        ring.end();
        underWay++;
    }

    /** Sends up to {@code count} times a packet that fits one buffer, as far as the ring has room. @return how often */
    int sendCopies(byte[] packet, int count) {
        reap();
        int sent = 0;
        while (sent < count && ring.freeDescriptors() > 0) {
            offer(packet, bufferSize, bufferSize);
            sent++;
        }
        queue.publish();
        return sent;
    }

    /** Waits until every packet sent has been completed. @return false if the time was too short */
    boolean await(long timeoutMs) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        reap();
        while (underWay > 0) {
            if (!queue.awaitUsed(deadlineNs)) {
                return false;
            }
            reap();
        }
        return true;
    }

    private void reap() {
        while (ring.pollUsed() != DriverRing.NONE) {
            underWay--;
        }
    }
}
