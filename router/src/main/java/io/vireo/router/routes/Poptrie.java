package io.vireo.router.routes;

/**
 * The compressed trie of the package's description, over addresses of 128 bits; shorter ones come first, and zeros after.
 * Immutable: {@link PoptrieBuilder} makes it.
 */
final class Poptrie {
    /** No prefix. */
    static final int NONE = -1;

    static final int MAX_ROOT_BITS = 18;

    /** Bits that a node stands for. */
    static final int STRIDE = 6;

    // Of a node: which places have nodes, which begin another value, and the number of its first value in the high
    // half,
    // that of its first node in the low half.
    static final int NODES = 0;
    static final int VALUES = 1;
    static final int BASES = 2;
    static final int NODE_LONGS = 3;

    private final int rootBits;
    /** Not negative: a node's number. Negative: see {@link #rootValue}. */
    private final int[] root;

    private final long[] nodes;
    private final int[] values;

    Poptrie(int rootBits, int[] root, long[] nodes, int[] values) {
        this.rootBits = rootBits;
        this.root = root;
        this.nodes = nodes;
        this.values = values;
    }

    /** How the root has a value, {@link #NONE} included; the same leads back. */
    static int rootValue(int value) {
        return -2 - value;
    }

    /** The value of the longest prefix that the address is in, or {@link #NONE}. */
    int find(long high, long low) {
        // In two steps, as a shift by 64 is none.
        int entry = root[(int) (high >>> 1 >>> (Long.SIZE - 1 - rootBits))];
        if (entry < 0) {
            return rootValue(entry);
        }
        long head = high << rootBits | low >>> 1 >>> (Long.SIZE - 1 - rootBits);
        long tail = low << rootBits;
        int node = entry * NODE_LONGS;
        long place = head >>> (Long.SIZE - STRIDE);
        while ((nodes[node + NODES] >>> place & 1) != 0) {
            node = ((int) nodes[node + BASES] + before(nodes[node + NODES], place)) * NODE_LONGS;
            head = head << STRIDE | tail >>> (Long.SIZE - STRIDE);
            tail <<= STRIDE;
            place = head >>> (Long.SIZE - STRIDE);
        }
        return values[(int) (nodes[node + BASES] >>> Integer.SIZE) + before(nodes[node + VALUES], place)];
    }

    /** How many bits up to that of a place are set, it included, less one. */
    private static int before(long bits, long place) {
        return Long.bitCount(bits << (Long.SIZE - 1 - place)) - 1;
    }

    /** Bytes of its arrays. */
    long memory() {
        return (long) Integer.BYTES * (root.length + values.length) + (long) Long.BYTES * nodes.length;
    }
}
