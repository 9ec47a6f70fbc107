package io.vireo.router.uplink;

import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.IoUring;
import io.vireo.linux.LinuxException;
import io.vireo.linux.PacketIo;

/**
 * A queue with a system call for each batch, in either direction. No request waits, so all are complete when the call
 * returns; should one not be, it is cancelled and waited for.
 *
 * <p>The one request that stays is a poll, made behind the reads that found no more; that it completes is announced in
 * shared memory, so a reactor that is awake makes no system call to learn that packets came. It completes once: as long as
 * packets are waiting for the reactor, those behind them wake nobody.
 */
final class UringQueue implements UplinkQueue {
    /** A batch, the poll and a cancellation, rounded up to a power of two. */
    private static final int ENTRIES = 2 * BATCH;

    // tags: the kind, and for writes and reads the number in their batch
    private static final int KIND_SHIFT = 8;
    private static final int INDEX_MASK = (1 << KIND_SHIFT) - 1;
    private static final int WRITE = 0;
    private static final int READ = 1;
    private static final int POLL = 2;
    private static final int CANCEL = 3;

    private static final int FEW = 4;

    private final Fd device;
    private final boolean takesUdpSuperFrames;
    private final int flags;
    private final IoUring ring;
    private final PacketPieces outgoing;
    private final ReceiveBuffers buffers;
    private final int[] readResults = new int[BATCH];
    private final int[] bufferOf = new int[BATCH];
    private int packets;
    private int usual;
    private int underWay;
    private boolean polling;
    private int poll;
    private boolean mayHaveMore;
    private int failure;

    /**
     * @param device owned by this queue if this returns
     * @throws LinuxException if io_uring is refused, or known to the kernel but not so that requests never wait
     */
    UringQueue(Fd device, boolean takesUdpSuperFrames) throws LinuxException {
        this(withoutWaiting(device), takesUdpSuperFrames, IoUring.NO_WAIT);
    }

    private static Fd withoutWaiting(Fd device) throws LinuxException {
        if (!PacketIo.canRefuseToWait(device)) {
            throw new LinuxException("RWF_NOWAIT", Errno.EOPNOTSUPP);
        }
        return device;
    }

    /** @param flags of reads and writes */
    UringQueue(Fd device, boolean takesUdpSuperFrames, int flags) throws LinuxException {
        this.device = device;
        this.takesUdpSuperFrames = takesUdpSuperFrames;
        this.flags = flags;
        buffers = new ReceiveBuffers();
        try {
            ring = new IoUring(ENTRIES);
        } catch (LinuxException e) {
            buffers.close();
            throw e;
        }
        try {
            ring.registerFile(device);
            ring.registerBuffer(buffers.start(), buffers.size());
        } catch (LinuxException e) {
            ring.close();
            buffers.close();
            throw e;
        }
        outgoing = new PacketPieces();
    }

    @Override
    public void start() {
        try {
            ring.enable();
        } catch (LinuxException e) {
            failure = e.errno();
        }
    }

    @Override
    public boolean takesUdpSuperFrames() {
        return takesUdpSuperFrames;
    }

    @Override
    public int add(long[] addresses, int[] pieceLengths, int pieces) {
        return outgoing.add(addresses, pieceLengths, pieces);
    }

    @Override
    public void flush() {
        int count = outgoing.count();
        if (count == 0) {
            return;
        }
        for (int i = 0; i < count; i++) {
            ring.write(outgoing.vectors(), outgoing.firstPiece(i), outgoing.pieces(i), flags, tag(WRITE, i));
        }
        int taken = submit(count);
        for (int i = taken; i < count; i++) {
            outgoing.setResult(i, -Errno.EAGAIN);
        }
        outgoing.clear();
    }

    @Override
    public void abandon() {
        outgoing.clear();
        ring.withdraw();
        cancelAll();
        underWay = 0;
        mayHaveMore = true; // what a read found may be lost, and with it how much
    }

    /** The poll included. */
    private void cancelAll() {
        polling = false;
        ring.cancelAll(tag(CANCEL, 0));
        ring.submit();
        reap();
    }

    @Override
    public int result(int packet) {
        return outgoing.result(packet);
    }

    @Override
    public Fd readable() {
        return device;
    }

    @Override
    public void noteReadable() {
        // the device may have woken its watcher before it came to the ring
        mayHaveMore = true;
    }

    @Override
    public boolean mayHavePackets() {
        return failure == 0 && (mayHaveMore || !polling || ring.hasWork());
    }

    @Override
    public int read() {
        if (failure != 0) {
            return 0;
        }
        boolean told = !polling || ring.hasWork();
        // a read that finds nothing costs a third of one that does: some more than last time, and no surprises
        int wanted = told ? Math.min(BATCH, usual + usual / 4 + FEW) : FEW;
        for (int i = 0; i < wanted; i++) {
            ring.read(buffers.address(i), ReceiveBuffers.CAPACITY, flags, tag(READ, i));
        }
        if (told) {
            poll = (poll + 1) & INDEX_MASK;
            ring.pollIn(tag(POLL, poll));
            polling = true;
        }
        int taken = submit(wanted);
        polling &= !told || taken > wanted;
        collect(Math.min(taken, wanted));
        usual = told ? packets : usual;
        mayHaveMore = packets == wanted;
        return packets;
    }

    /** Those of the reads that found something, in order. */
    private void collect(int reads) {
        packets = 0;
        for (int i = 0; i < reads; i++) {
            int result = readResults[i];
            if (result > 0) {
                bufferOf[packets++] = i;
            } else if (result != -Errno.EAGAIN && result != -Errno.ECANCELED) {
                failure = result == 0 ? Errno.EBADFD : -result;
            }
        }
    }

    @Override
    public long address(int packet) {
        return buffers.address(bufferOf[packet]);
    }

    @Override
    public int length(int packet) {
        return readResults[bufferOf[packet]];
    }

    @Override
    public int failure() {
        return failure;
    }

    private static long tag(int kind, int index) {
        return (long) kind << KIND_SHIFT | index;
    }

    /**
     * Has the kernel carry out what was prepared, to the end.
     *
     * @param passing the first so many requests, of which none is under way afterwards
     * @return how many requests the kernel took
     */
    private int submit(int passing) {
        int taken = ring.submit();
        underWay = Math.min(taken, passing);
        reap();
        while (underWay > 0) {
            ring.cancelAll(tag(CANCEL, 0));
            ring.submit();
            reap();
            if (underWay > 0) {
                ring.await();
                reap();
            }
        }
        return taken;
    }

    private void reap() {
        while (ring.next()) {
            int index = (int) ring.tag() & INDEX_MASK;
            switch ((int) ring.tag() >> KIND_SHIFT) {
                case WRITE -> {
                    noteWritten(index, ring.result());
                    underWay--;
                }
                case READ -> {
                    readResults[index] = ring.result();
                    underWay--;
                }
                case POLL -> notePolled(index, ring.result());
                default -> {} // a cancellation: what it cancelled completes by itself
            }
        }
    }

    /** What the poll before this one found, the reads behind it have read. */
    private void notePolled(int number, int result) {
        polling &= number != poll;
        if (result < 0 && result != -Errno.ECANCELED) {
            failure = -result;
        }
    }

    /** Who was cancelled has not begun. */
    private void noteWritten(int packet, int result) {
        outgoing.setResult(packet, result == -Errno.ECANCELED ? -Errno.EAGAIN : result);
        if (result == -Errno.EBADFD) {
            failure = Errno.EBADFD;
        }
    }

    @Override
    public void close() {
        if (polling) {
            cancelAll(); // the poll holds the device
        }
        failure = Errno.EBADFD;
        ring.close();
        buffers.close();
        device.close();
        outgoing.close();
    }
}
