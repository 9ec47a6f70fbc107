package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a guest's kernel has: a memory file, and the driver side of both rings in it. Receive buffers are 0xA5 all over when
 * they are posted.
 *
 * <pre>
 *   transmit ring | transmit buffers, 4 KiB a descriptor | receive buffers, the same | receive ring without used ring | pages
 * </pre>
 *
 * The last pages hold the receive ring's used ring, and indirect tables if there are any; of a packed ring, which has no
 * used ring, all of it.
 */
public abstract class GuestDriver {
    static final int RING_SIZE = 256;
    static final long GUEST = 0x1000_0000L;

    private static final byte UNTOUCHED = (byte) 0xa5;
    private static final long PAGE = 4096;
    private static final int SLOT = 4096;
    /** Of a ring with its indirect tables. */
    private static final long RING_PAGES = 20;

    private static final long TX_RING = 0;
    private static final long TX_BUFFERS = RING_PAGES * PAGE;
    private static final long RX_BUFFERS = TX_BUFFERS + RING_SIZE * SLOT;
    static final long LAST_PAGE = RX_BUFFERS + RING_SIZE * SLOT + 4 * PAGE;
    static final long SIZE = LAST_PAGE + RING_PAGES * PAGE;
    /** Between two pieces of a chain, to show who writes behind a piece. */
    private static final int GAP = 3;

    final SharedMemory shared = SharedMemory.allocate("guest", SIZE, false);
    final long ringFeatures;
    final DriverRing tx;
    final DriverRing rx;
    private final int[][] rxPieces = new int[RING_SIZE][];

    /** @param ringFeatures those that decide on the rings' format */
    GuestDriver(long ringFeatures) throws LinuxException {
        this.ringFeatures = ringFeatures;
        tx = ring(TX_RING);
        boolean packed = (ringFeatures & Features.RING_PACKED) != 0;
        rx = ring(packed ? LAST_PAGE : LAST_PAGE - (tx.used() - tx.descriptors()));
    }

    private DriverRing ring(long offset) {
        return DriverRing.create(shared.address() + offset, GUEST + offset, RING_SIZE, ringFeatures);
    }

    private long guest(long address) {
        return GUEST + (address - shared.address());
    }

    /** Whether the device asks for kicks of the transmit ring. */
    public boolean kickIsWanted() {
        return tx.isKickWanted();
    }

    // ---- transmitting

    /**
     * Sends a frame after a virtio-net header of zeros, in pieces of the given lengths and one with all the rest.
     *
     * @return the chain's head
     */
    public int send(byte[] frame, int... pieces) {
        return sendRaw(withHeader(frame), pieces);
    }

    static byte[] withHeader(byte[] frame) {
        byte[] bytes = new byte[VirtioNetHeader.SIZE + frame.length];
        System.arraycopy(frame, 0, bytes, VirtioNetHeader.SIZE, frame.length);
        return bytes;
    }

    /** Sends bytes of which the first twelve are the virtio-net header. */
    int sendRaw(byte[] bytes, int... pieces) {
        int head = offer(bytes, pieces);
        tx.publish();
        return head;
    }

    /** As {@link #sendRaw}, but not shown to the device yet. */
    int offer(byte[] bytes, int... pieces) {
        long at = shared.address() + TX_BUFFERS + (long) tx.nextDescriptor() * SLOT;
        int sent = 0;
        tx.begin();
        for (int piece : Arrays.copyOf(pieces, pieces.length + 1)) {
            int length = piece == 0 ? bytes.length - sent : piece;
            MemorySegment.copy(bytes, sent, HostMemory.ALL, ValueLayout.JAVA_BYTE, at, length);
            tx.add(guest(at), length, false);
            at += length + GAP;
            sent += length;
        }
        return tx.end();
    }

    /** Sends bytes of any number of slots, of which the first twelve are the virtio-net header. */
    void sendLong(byte[] bytes) {
        tx.begin();
        for (int at = 0; at < bytes.length; at += SLOT) {
            int length = Math.min(SLOT, bytes.length - at);
            long buffer = shared.address() + TX_BUFFERS + (long) tx.nextDescriptor() * SLOT;
            MemorySegment.copy(bytes, at, HostMemory.ALL, ValueLayout.JAVA_BYTE, buffer, length);
            tx.add(guest(buffer), length, false);
        }
        tx.end();
        tx.publish();
    }

    /** Gives a command, the transmit ring being a control queue's. @return where its status will be */
    long command(byte... bytes) {
        long at = shared.address() + TX_BUFFERS + (long) tx.nextDescriptor() * SLOT;
        MemorySegment.copy(bytes, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, at, bytes.length);
        long status = at + bytes.length + GAP;
        HostMemory.putByte(status, UNTOUCHED);
        tx.begin();
        tx.add(guest(at), bytes.length, false);
        tx.add(guest(status), 1, true);
        tx.end();
        tx.publish();
        return status;
    }

    /** Offers a buffer that lies outside the guest's memory, for either ring. */
    public void offerOutside(boolean receive) {
        DriverRing ring = receive ? rx : tx;
        ring.begin();
        ring.add(GUEST + SIZE - 10, 2000, receive);
        ring.end();
        ring.publish();
    }

    /** The heads of the chains that came back, in order. */
    List<Integer> transmitted() {
        List<Integer> heads = new ArrayList<>();
        for (long used = tx.pollUsed(); used != DriverRing.NONE; used = tx.pollUsed()) {
            heads.add((int) used);
        }
        return heads;
    }

    /** Whether everything sent came back. */
    public boolean isAllTransmitted() {
        transmitted();
        return tx.freeDescriptors() == RING_SIZE;
    }

    // ---- receiving

    public int freeReceiveDescriptors() {
        return rx.freeDescriptors();
    }

    /** Posts {@code count} receive chains of the given pieces each. */
    public void post(int count, int... pieces) {
        for (int i = 0; i < count; i++) {
            int head = rx.nextDescriptor();
            long at = rxSlot(head);
            HostMemory.fill(at, SLOT, UNTOUCHED);
            rxPieces[head] = pieces;
            rx.begin();
            for (int piece : pieces) {
                rx.add(guest(at), piece, true);
                at += piece + GAP;
            }
            rx.end();
        }
        rx.publish();
    }

    private long rxSlot(int head) {
        return shared.address() + RX_BUFFERS + (long) head * SLOT;
    }

    /** A frame as it arrived, in how many chains, and what of its virtio-net header is not their number. */
    record Received(byte[] frame, int buffers, byte[] header) {
        boolean isPlain() {
            return Arrays.equals(header, new byte[VirtioNetHeader.NUM_BUFFERS_OFFSET]);
        }
    }

    /** Takes all frames that arrived. Their headers must be plain, and nothing written behind what was announced. */
    List<Received> receive() {
        List<Received> frames = receiveAny();
        for (Received received : frames) {
            if (!received.isPlain()) {
                throw new AssertionError("virtio-net header asks for something: " + Arrays.toString(received.header()));
            }
        }
        return frames;
    }

    /** Takes all frames that arrived, whatever their headers ask for. */
    List<Received> receiveAny() {
        List<Received> frames = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int buffers = 0;
        for (long used = rx.pollUsed(); used != DriverRing.NONE; used = rx.pollUsed()) {
            bytes.writeBytes(contents((int) used, (int) (used >>> 32)));
            buffers++;
            byte[] all = bytes.toByteArray();
            if (all.length >= VirtioNetHeader.SIZE && announced(all) == buffers) {
                byte[] header = Arrays.copyOf(all, VirtioNetHeader.NUM_BUFFERS_OFFSET);
                frames.add(new Received(Arrays.copyOfRange(all, VirtioNetHeader.SIZE, all.length), buffers, header));
                bytes.reset();
                buffers = 0;
            }
        }
        if (buffers != 0) {
            throw new AssertionError("a frame over " + buffers + " buffers does not end");
        }
        return frames;
    }

    public List<byte[]> receiveFrames() {
        return receive().stream().map(Received::frame).toList();
    }

    private static int announced(byte[] bytes) {
        return Byte.toUnsignedInt(bytes[10]) | Byte.toUnsignedInt(bytes[11]) << 8;
    }

    private byte[] contents(int head, int written) {
        byte[] bytes = new byte[written];
        long at = rxSlot(head);
        int left = written;
        int copied = 0;
        for (int piece : rxPieces[head]) {
            int part = Math.min(left, piece);
            MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, at, bytes, copied, part);
            for (int i = part; i < piece + GAP; i++) {
                if (HostMemory.getByte(at + i) != UNTOUCHED) {
                    throw new AssertionError("byte " + i + " of a piece of " + piece + " was written behind " + part);
                }
            }
            copied += part;
            left -= part;
            at += piece + GAP;
        }
        if (left != 0) {
            throw new AssertionError(written + " bytes written to a buffer of " + Arrays.toString(rxPieces[head]));
        }
        return bytes;
    }
}
