package io.vireo.router.uplink;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Errno;
import io.vireo.linux.IoVectors;

/** The packets of one flush: where their pieces are, and what became of them. */
final class PacketPieces implements AutoCloseable {
    private final IoVectors vectors = new IoVectors(UplinkQueue.BATCH * UplinkQueue.MAX_PIECES);
    private final int[] firstPiece = new int[UplinkQueue.BATCH + 1];
    private final int[] bytes = new int[UplinkQueue.BATCH];
    private final int[] results = new int[UplinkQueue.BATCH];
    private int count;

    /** As {@link UplinkQueue#add}. */
    int add(long[] addresses, int[] lengths, int pieces) {
        if (count == UplinkQueue.BATCH || pieces > UplinkQueue.MAX_PIECES) {
            throw new IllegalStateException(count + " packets, and one of " + pieces + " pieces");
        }
        int first = firstPiece[count];
        int sum = 0;
        for (int i = 0; i < pieces; i++) {
            vectors.set(first + i, HostMemory.absolute(addresses[i], lengths[i]), lengths[i]);
            sum += lengths[i];
        }
        bytes[count] = sum;
        firstPiece[count + 1] = first + pieces;
        return count++;
    }

    int count() {
        return count;
    }

    IoVectors vectors() {
        return vectors;
    }

    int firstPiece(int packet) {
        return firstPiece[packet];
    }

    int pieces(int packet) {
        return firstPiece[packet + 1] - firstPiece[packet];
    }

    /** @param result bytes that were taken, or a negative errno; a packet that was not taken whole is one that was lost */
    void setResult(int packet, int result) {
        results[packet] = result < 0 ? -result : result == bytes[packet] ? UplinkQueue.TAKEN : Errno.EIO;
    }

    int result(int packet) {
        return results[packet];
    }

    /** The results stay until packets are added and flushed again. */
    void clear() {
        count = 0;
    }

    @Override
    public void close() {
        vectors.close();
    }
}
