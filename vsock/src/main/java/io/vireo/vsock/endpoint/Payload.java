package io.vireo.vsock.endpoint;

import io.vireo.vsock.stream.Pipe;
import java.util.Arrays;

/** The payload of a received packet: pieces of memory whose addresses have passed the gate. Used again and again. */
public final class Payload {
    private static final int FEW = 16;

    private long[] address = new long[FEW];
    private long[] length = new long[FEW];
    private int pieces;
    private long bytes;

    public void clear() {
        pieces = 0;
        bytes = 0;
    }

    public void add(long start, long size) {
        if (pieces == address.length) {
            address = Arrays.copyOf(address, 2 * pieces);
            length = Arrays.copyOf(length, 2 * pieces);
        }
        address[pieces] = start;
        length[pieces] = size;
        pieces++;
        bytes += size;
    }

    /** Bytes that the sender's buffers have; how many of them count is for the header to say. */
    public long bytes() {
        return bytes;
    }

    /** Stages the first bytes; there must be as many, and room for them. */
    void stage(Pipe into, int count) {
        int left = count;
        for (int i = 0; left > 0; i++) {
            int part = (int) Math.min(left, length[i]);
            into.stage(address[i], part);
            left -= part;
        }
    }
}
