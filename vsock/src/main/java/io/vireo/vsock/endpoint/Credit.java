package io.vireo.vsock.endpoint;

/**
 * How much of a connection may be under way to the peer (virtio 1.3, 5.10.6.3): both counters run freely and wrap at 2^32.
 * Confined to one thread.
 */
final class Credit {
    private int sent;
    private int forwarded;
    private long allocated;
    private boolean asked;

    /**
     * Takes what a packet of the peer says.
     *
     * @return false if its count of forwarded bytes runs backwards, or ahead of what was sent
     */
    boolean update(int bufAlloc, int fwdCnt) {
        if (Integer.compareUnsigned(sent - fwdCnt, sent - forwarded) > 0) {
            return false;
        }
        forwarded = fwdCnt;
        allocated = Integer.toUnsignedLong(bufAlloc);
        asked &= available()
                == 0; // once for each time that there is none: two who have none would ask each other for ever
        return true;
    }

    /** Bytes that may be sent now; a buffer that shrank below what is under way gives none. */
    int available() {
        long underWay = Integer.toUnsignedLong(sent - forwarded);
        return (int) Math.max(0, Math.min(allocated - underWay, Integer.MAX_VALUE));
    }

    /** The peer's buffer. */
    int allocated() {
        return (int) Math.min(allocated, Integer.MAX_VALUE);
    }

    void spend(int bytes) {
        sent += bytes;
    }

    /** Whether the peer was asked to tell, and has not yet. */
    boolean isAsked() {
        return asked;
    }

    void ask() {
        asked = true;
    }
}
