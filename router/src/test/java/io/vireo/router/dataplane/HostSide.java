package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.router.uplink.UplinkQueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The host as an uplink's queue shows it: keeps what it was sent, and sends what it was told. */
final class HostSide implements UplinkQueue {
    static final int HEADER = 12;

    private static final int ROOM = 70_000;
    private static final int HEADROOM = 16;

    /** A packet as it was sent: its virtio-net header, then IP. */
    final List<byte[]> taken = new ArrayList<>();
    /** What it says of the next packets, instead of taking them. */
    final Deque<Integer> refusals = new ArrayDeque<>();

    boolean takesUdpSuperFrames = true;
    /** What happens when it is given a packet. */
    Runnable whenAdded = () -> {};
    /** What happens before it says whether it takes them. */
    Runnable whenFlushed = () -> {};

    private final SharedMemory memory = SharedMemory.allocate("host", (long) BATCH * ROOM, false);
    private final List<byte[]> added = new ArrayList<>();
    private final List<Integer> results = new ArrayList<>();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final int[] lengths = new int[BATCH];

    HostSide() throws LinuxException {}

    /** Has a packet, virtio-net header first, be read next. */
    void give(byte[] packet) {
        waiting.add(packet);
    }

    @Override
    public void start() {}

    @Override
    public boolean takesUdpSuperFrames() {
        return takesUdpSuperFrames;
    }

    @Override
    public int add(long[] addresses, int[] pieceLengths, int pieces) {
        int total = 0;
        for (int i = 0; i < pieces; i++) {
            total += pieceLengths[i];
        }
        byte[] packet = new byte[total];
        int at = 0;
        for (int i = 0; i < pieces; i++) {
            if (pieceLengths[i] <= 0) {
                throw new AssertionError("a piece of " + pieceLengths[i] + " bytes");
            }
            HostMemory.read(addresses[i], packet, at, pieceLengths[i]);
            at += pieceLengths[i];
        }
        added.add(packet);
        whenAdded.run();
        return added.size() - 1;
    }

    @Override
    public void flush() {
        whenFlushed.run();
        results.clear();
        for (byte[] packet : added) {
            int result = refusals.isEmpty() ? TAKEN : refusals.remove();
            if (result == TAKEN) {
                taken.add(packet);
            }
            results.add(result);
        }
        added.clear();
    }

    @Override
    public void abandon() {
        added.clear();
    }

    @Override
    public int result(int packet) {
        return results.get(packet);
    }

    @Override
    public Fd readable() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void noteReadable() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean mayHavePackets() {
        return !waiting.isEmpty();
    }

    @Override
    public int read() {
        int count = 0;
        for (; count < BATCH && !waiting.isEmpty(); count++) {
            byte[] packet = waiting.remove();
            MemorySegment.copy(packet, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, address(count), packet.length);
            lengths[count] = packet.length;
        }
        return count;
    }

    @Override
    public long address(int packet) {
        return memory.address() + (long) packet * ROOM + HEADROOM;
    }

    @Override
    public int length(int packet) {
        return lengths[packet];
    }

    @Override
    public int failure() {
        return 0;
    }

    /** Refuses the next packets for now. */
    void isBusyFor(int packets) {
        for (int i = 0; i < packets; i++) {
            refusals.add(Errno.EAGAIN);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
