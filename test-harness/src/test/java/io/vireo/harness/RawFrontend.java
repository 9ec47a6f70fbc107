package io.vireo.harness;

import static io.vireo.harness.RawMemory.BUFFERS;
import static io.vireo.harness.RawMemory.SIZE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.RawMemory.Area;
import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.PackedRingLayout;
import io.vireo.virtqueue.SplitRingLayout;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A frontend whose rings are written by hand, without a driver that would keep them right: descriptors as a test wants them.
 * Confined to one thread, but for what {@link RawMemory} allows.
 */
final class RawFrontend implements AutoCloseable {
    static final int RECEIVE = 0;
    static final int TRANSMIT = 1;
    static final int CONTROL = 2;

    static final long FEATURES = Features.VERSION_1 | Features.VHOST_USER_PROTOCOL_FEATURES;

    private static final int FIRST_LAP = 1 << 15;
    private static final int TIMEOUT_MS = 10_000;

    /** A descriptor: an address of the guest's, bytes, and flags but for NEXT. */
    record Buffer(long address, long length, int flags) {
        static Buffer readable(long address, long length) {
            return new Buffer(address, length, 0);
        }

        static Buffer writable(long address, long length) {
            return new Buffer(address, length, SplitRingLayout.DESCRIPTOR_F_WRITE);
        }

        static Buffer indirect(long address, long length) {
            return new Buffer(address, length, SplitRingLayout.DESCRIPTOR_F_INDIRECT);
        }
    }

    private final boolean packed;
    private final VhostUserFrontend protocol;
    /** The guest's. */
    final RawMemory memory;

    private final EventFd kick = EventFd.create();
    private final EventFd call = EventFd.create();
    private final EventFd error = EventFd.create();
    private final Epoll broken = new Epoll();

    /** Of each queue: the next descriptor, free-running, the next available index, and where the last chain offered begins. */
    private final int[] next;

    private final int[] available;
    private final int[] lastChain;

    private RawFrontend(VhostUserFrontend protocol, long features, int queues, RawMemory.Layout layout)
            throws IOException {
        this.protocol = protocol;
        packed = (features & Features.RING_PACKED) != 0;
        next = new int[queues];
        available = new int[queues];
        lastChain = new int[queues];
        memory = new RawMemory(layout);
        broken.add(error.fd());
    }

    /** Connects, and has all rings served. */
    static RawFrontend attach(Path socket, long features, int queues) throws IOException {
        return attach(socket, features, queues, RawMemory.Layout.PLAIN);
    }

    static RawFrontend attach(Path socket, long features, int queues, RawMemory.Layout layout) throws IOException {
        RawFrontend frontend = new RawFrontend(VhostUserFrontend.connect(socket), features, queues, layout);
        try {
            frontend.setUp(features);
            return frontend;
        } catch (IOException e) {
            frontend.close();
            throw e;
        }
    }

    private void setUp(long features) throws IOException {
        protocol.setOwner();
        protocol.setFeatures(features);
        protocol.setMemTable(memory.regions(), List.of(memory.file(), memory.file()));
        for (int queue = 0; queue < next.length; queue++) {
            start(queue);
        }
        sync();
    }

    void start(int queue) throws IOException {
        protocol.setVringNum(queue, SIZE);
        protocol.setVringBase(queue, packed ? FIRST_LAP : 0);
        protocol.setVringAddr(
                queue,
                memory.address(Area.DESCRIPTORS, queue),
                memory.address(Area.DEVICE, queue),
                memory.address(Area.DRIVER, queue));
        protocol.setVringErr(queue, error.fd());
        protocol.setVringCall(queue, call.fd());
        protocol.setVringKick(queue, kick.fd());
        protocol.setVringEnable(queue, true);
    }

    /** Waits until all that was told has been done: requests are served in order. */
    void sync() throws IOException {
        protocol.getFeatures();
    }

    VhostUserFrontend protocol() {
        return protocol;
    }

    boolean isPacked() {
        return packed;
    }

    // ---- chains as they should be, of whatever descriptors

    /** Offers one chain of these, and kicks. */
    void offer(int queue, Buffer... buffers) {
        int from = next[queue];
        for (int i = buffers.length - 1; i >= 0; i--) { // the head last, by which a packed ring's chain is available
            int flags = buffers[i].flags | (i < buffers.length - 1 ? DESCRIPTOR_F_NEXT : 0);
            writeDescriptor(queue, from + i, buffers[i].address, buffers[i].length, flags, from + i + 1);
        }
        next[queue] += buffers.length;
        lastChain[queue] = from;
        if (!packed) {
            makeAvailable(queue, available[queue] + 1, from % SIZE);
        }
        kick.signal();
    }

    /** A buffer that lies at {@link RawMemory#BUFFERS}, and is the readable chain of a queue by itself. */
    void send(int queue, byte[] bytes) {
        memory.write(BUFFERS, bytes);
        offer(queue, Buffer.readable(BUFFERS, bytes.length));
    }

    private void writeDescriptor(int queue, int position, long address, long length, int flags, int following) {
        int rest = packed
                ? position % SIZE | (flags | PackedRingLayout.availableFlags(position, SIZE)) << 16
                : flags | following % SIZE << 16;
        VarHandle.releaseFence();
        memory.forge(queue, position % SIZE, address, length, rest & 0xffff, rest >>> 16);
    }

    /** Waits until the last chain of a queue was used. Looks, and does not listen: tests have their own use for the call. */
    void awaitUsed(int queue) {
        awaitUsed(queue, available[queue], lastChain[queue]);
    }

    /** Waits until the first so many descriptors of a queue were used, each of which is a chain. */
    void awaitUsedDescriptors(int queue, int count) {
        awaitUsed(queue, count, count - 1);
    }

    private void awaitUsed(int queue, int chains, int lastPosition) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (!(packed ? isUsed(queue, lastPosition) : usedIndex(queue) - (short) chains >= 0)) {
            assertTrue(System.nanoTime() < deadlineNs, "a chain is not used");
            Thread.onSpinWait();
        }
    }

    private short usedIndex(int queue) {
        return HostMemory.getShortAcquire(memory.address(Area.DEVICE, queue) + SplitRingLayout.INDEX_OFFSET);
    }

    private boolean isUsed(int queue, int position) {
        long descriptor =
                memory.address(Area.DESCRIPTORS, queue) + (long) (position % SIZE) * SplitRingLayout.DESCRIPTOR_SIZE;
        long rest = HostMemory.getLongAcquire(descriptor + PackedRingLayout.REST_OFFSET);
        int both = PackedRingLayout.DESCRIPTOR_F_AVAILABLE | PackedRingLayout.DESCRIPTOR_F_USED;
        return ((rest >>> PackedRingLayout.FLAGS_SHIFT) & both) == PackedRingLayout.usedFlags(position, SIZE);
    }

    // ---- and as they should not be

    /** Makes whatever is there available once more, in a split ring. */
    void makeAvailableAgain(int queue) {
        makeAvailable(queue, available[queue] + 1, 0);
    }

    /** Sets a split ring's available index, after an entry. */
    void makeAvailable(int queue, int index, int head) {
        long driver = memory.address(Area.DRIVER, queue);
        long entry = SplitRingLayout.ENTRIES_OFFSET + (long) (available[queue] % SIZE) * Short.BYTES;
        HostMemory.putShort(driver + entry, (short) head);
        available[queue] = index;
        HostMemory.putShortRelease(driver + SplitRingLayout.INDEX_OFFSET, (short) index);
    }

    void kick() {
        kick.signal();
    }

    /** Waits until the backend has said that a ring is broken. */
    void awaitBroken() throws LinuxException {
        assertTrue(broken.await(TIMEOUT_MS) > 0, "no ring broke");
    }

    /** Leaves without a word. */
    @Override
    public void close() {
        protocol.close();
        broken.close();
        kick.close();
        call.close();
        error.close();
        memory.close();
    }
}
