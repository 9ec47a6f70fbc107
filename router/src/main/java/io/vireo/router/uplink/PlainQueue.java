package io.vireo.router.uplink;

import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.PacketIo;

/** A queue with a system call for each packet, for hosts that refuse io_uring. */
final class PlainQueue implements UplinkQueue {
    private final Fd device;
    private final boolean takesUdpSuperFrames;
    private final PacketPieces outgoing;
    private final ReceiveBuffers buffers;
    private final int[] lengths = new int[BATCH];
    // what came before anybody watched has no edge
    private boolean readable = true;
    private int failure;

    /** @param device does not block; owned by this queue if this returns */
    PlainQueue(Fd device, boolean takesUdpSuperFrames) throws LinuxException {
        this.device = device;
        this.takesUdpSuperFrames = takesUdpSuperFrames;
        buffers = new ReceiveBuffers();
        outgoing = new PacketPieces();
    }

    @Override
    public void start() {
        // any thread may read and write
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
        for (int i = 0; i < outgoing.count(); i++) {
            int result = PacketIo.write(device, outgoing.vectors(), outgoing.firstPiece(i), outgoing.pieces(i));
            outgoing.setResult(i, result);
            if (result == -Errno.EBADFD) {
                failure = Errno.EBADFD;
            }
        }
        outgoing.clear();
    }

    @Override
    public void abandon() {
        outgoing.clear();
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
        readable = true;
    }

    @Override
    public boolean mayHavePackets() {
        return readable && failure == 0;
    }

    @Override
    public int read() {
        if (failure != 0) {
            return 0;
        }
        for (int i = 0; i < BATCH; i++) {
            int length = PacketIo.read(device, buffers.address(i), ReceiveBuffers.CAPACITY);
            if (length <= 0) {
                readable = false;
                if (length != -Errno.EAGAIN) {
                    failure = length == 0 ? Errno.EBADFD : -length;
                }
                return i;
            }
            lengths[i] = length;
        }
        return BATCH;
    }

    @Override
    public long address(int packet) {
        return buffers.address(packet);
    }

    @Override
    public int length(int packet) {
        return lengths[packet];
    }

    @Override
    public int failure() {
        return failure;
    }

    @Override
    public void close() {
        failure = Errno.EBADFD;
        device.close();
        buffers.close();
        outgoing.close();
    }
}
