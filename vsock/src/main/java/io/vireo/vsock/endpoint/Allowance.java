package io.vireo.vsock.endpoint;

import io.vireo.vsock.VsockType;
import io.vireo.vsock.stream.Pipe;

/**
 * How much the peer may send, which is what a pipe has room for: what it is told with each packet, and when it has to be told
 * without one (virtio 1.3, 5.10.6.3). The counterpart of {@link Credit}. Confined to one thread.
 */
final class Allowance {
    /** What makes an update due whatever was reported. */
    private static final long ASKED = Long.MIN_VALUE;

    private final Pipe pipe;
    private final int capacity;
    private final VsockType type;

    /** Bytes that the peer sent and nobody wanted. */
    private long discarded;
    /** What the peer was last told to have been consumed. */
    private long reported;
    /** The buffer that the peer was last told of. */
    private int announced;

    /** @param capacity bytes of the peer's at a time, whatever the pipe holds */
    Allowance(Pipe pipe, int capacity, VsockType type) {
        this.pipe = pipe;
        this.capacity = capacity;
        this.type = type;
    }

    /** The peer sent bytes that did not go into the pipe. */
    void discard(long bytes) {
        discarded += bytes;
    }

    /** The peer asks to be told. */
    void ask() {
        reported = ASKED;
    }

    /** The count of forwarded bytes, as the peer is told it now. */
    int forwarded() {
        reported = consumed();
        return (int) reported;
    }

    /** As {@link #forwarded}: the buffer that the peer can fill, which no message can be longer than. */
    int allocation() {
        announced = buffer();
        return announced;
    }

    private long consumed() {
        return pipe.consumed() + discarded;
    }

    /** Of messages, no more than can be passed on to where they go. */
    private int buffer() {
        return Math.min(capacity, type == VsockType.SEQPACKET ? pipe.longestMessage() : pipe.capacity());
    }

    /** Whether the peer waits for credit that it has, or soon will. */
    boolean isUpdateDue() {
        return reported == ASKED || announced != buffer() || consumed() >= updateAt();
    }

    /** Has the pipe's producer called when an update becomes due. */
    void awaitUpdate() {
        pipe.awaitConsumed(updateAt() - discarded);
    }

    /** From where on the peer is told: a quarter of the buffer, and each byte to one who may have nothing left to spend. */
    private long updateAt() {
        long left = announced - (pipe.produced() + discarded - reported);
        return reported + (left < announced / 8 ? 1 : Math.max(1, announced / 4));
    }
}
