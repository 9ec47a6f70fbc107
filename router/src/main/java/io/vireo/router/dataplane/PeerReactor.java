package io.vireo.router.dataplane;

/**
 * The way from one reactor to the ports of another: frames are appended, filled in place, and shown to the other side once a
 * batch. Never waits. Confined to the sending reactor's thread.
 */
public interface PeerReactor {
    /** There is no room: the frame is dropped, and counted by whoever wanted to send it. */
    long FULL = -1;

    /**
     * Adds a frame for a port that belongs to the other reactor.
     *
     * @param hash the frame's flow, {@link FlowHash}
     * @param bytes virtio-net header and frame; {@link #FULL} is the answer to one that is too long, too
     * @return the address to write virtio-net header and frame to, or {@link #FULL}
     */
    long append(NetPort port, int hash, int bytes);

    /** Shows the other side all that was appended, and wakes it if it sleeps. Once a batch, when all of it is written. */
    void publish();

    /**
     * Takes back what was appended since the last {@link #publish}: the batch failed. To be called, for every peer, whenever
     * an error told of lost memory.
     */
    void abandon();
}
