package io.vireo.router.uplink;

import io.vireo.linux.Fd;

/**
 * One queue of the TUN device, as a reactor uses it: made by any thread, from {@link #start} on confined to the reactor's,
 * and closed by it or after its end. Packets are a virtio-net header of 12 bytes
 * (virtio 1.3, 5.1.6, little endian, offsets from the IP header on) and an IP packet; there is no Ethernet header.
 *
 * <p>Nothing blocks, and nothing is under way between two calls: when {@link #flush} returns, the kernel has taken each
 * packet whole or refused it, and reads its memory no more.
 */
public interface UplinkQueue extends AutoCloseable {
    /** Packets of one flush, and of one read. */
    int BATCH = 64;

    /** Pieces of memory that one packet may be in. */
    int MAX_PIECES = 128;

    /** What {@link #result} says of a packet that the kernel has taken. */
    int TAKEN = 0;

    /** Makes the queue the calling thread's; before anything else. If that fails, {@link #failure} says so. */
    void start();

    // ---- to the host

    /** Whether the host's kernel takes UDP super-frames (Linux 6.2). */
    boolean takesUdpSuperFrames();

    /**
     * Adds a packet; at most {@link #BATCH} before the next {@link #flush}.
     *
     * @param addresses absolute addresses of its pieces, at most {@link #MAX_PIECES}, the virtio-net header first; each may be
     *     in a guest's memory
     * @param lengths bytes of each, none of them 0; both arrays are read before this returns
     * @return its number in this flush, from 0 on
     */
    int add(long[] addresses, int[] lengths, int pieces);

    /** Hands all packets to the kernel, in order. */
    void flush();

    /**
     * Forgets what was added and not flushed, of which the memory may go: after an error that may have come anywhere, also
     * in the midst of this queue's own work.
     */
    void abandon();

    /**
     * What became of a packet of the last {@link #flush}: {@link #TAKEN} or the errno for which it was refused, of which
     * EAGAIN means that it may be tried again; EFAULT, that memory of it is gone; EBADFD, that the device is.
     */
    int result(int packet);

    // ---- from the host

    /**
     * What a sleeping reactor watches, edge-triggered: readable when packets come in, or the device went. Stays this
     * queue's.
     */
    Fd readable();

    /** Tells that {@link #readable} was reported. */
    void noteReadable();

    /** Whether {@link #read} may find something. Makes no system call. */
    boolean mayHavePackets();

    /**
     * Reads packets into buffers of this queue's own, where they stay until the next call.
     *
     * @return how many, 0 to {@link #BATCH}
     */
    int read();

    /**
     * Where a packet that was read begins: with its virtio-net header. It is this side's to change, as are the 14 bytes in
     * front of it.
     */
    long address(int packet);

    /** Bytes of a packet that was read, virtio-net header included. */
    int length(int packet);

    /** Why the device is of no use any more, an errno, or 0: found by either direction. */
    int failure();

    /** Closes the device's queue, at once on the queue's thread or if it was not started. Nothing is read or taken then. */
    @Override
    void close();
}
