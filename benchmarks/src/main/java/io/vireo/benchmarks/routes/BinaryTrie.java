package io.vireo.benchmarks.routes;

import java.util.Arrays;

/** The plainest longest-prefix match: a node for each bit, in arrays. */
final class BinaryTrie {
    private static final int NONE = -1;

    /** Of each node its two children; 0, which is the root, for none. */
    private int[] children = new int[2 << 20];

    private int[] values = new int[1 << 20];
    private int count = 1;

    BinaryTrie() {
        values[0] = NONE;
    }

    void put(long high, long low, int length, int value) {
        int node = 0;
        for (int depth = 0; depth < length; depth++) {
            int link = 2 * node + bit(high, low, depth);
            if (children[link] == 0) {
                int child = add(); // first, as it may replace the array
                children[link] = child;
            }
            node = children[link];
        }
        values[node] = value;
    }

    private int add() {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
            children = Arrays.copyOf(children, 4 * count);
        }
        values[count] = NONE;
        return count++;
    }

    int find(long high, long low) {
        long head = high;
        long tail = low;
        int value = values[0];
        int node = children[(int) (head >>> 63)];
        while (node != 0) {
            if (values[node] != NONE) {
                value = values[node];
            }
            head = head << 1 | tail >>> 63;
            tail <<= 1;
            node = children[2 * node + (int) (head >>> 63)];
        }
        return value;
    }

    private static int bit(long high, long low, int depth) {
        long rest = depth < Long.SIZE ? high << depth : low << depth;
        return (int) (rest >>> 63);
    }

    /** Bytes of the nodes. */
    long memory() {
        return 3L * Integer.BYTES * count;
    }
}
