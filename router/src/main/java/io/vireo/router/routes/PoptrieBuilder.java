package io.vireo.router.routes;

import java.util.Arrays;

/**
 * Makes a {@link Poptrie} of prefixes. They come sorted by address, and by length where addresses are the same: so each one
 * comes after those that it is in, and what is within one is in a row.
 */
final class PoptrieBuilder {
    private static final int PLACES = 1 << Poptrie.STRIDE;

    private final long[] highs;
    private final long[] lows;
    private final int[] lengths;
    private final int[] prefixValues;

    private long[] nodes = new long[16 * Poptrie.NODE_LONGS];
    private int nodeCount;
    private int[] values = new int[64];
    private int valueCount;

    /** @param lengths of the prefixes; no two with the same address are the same */
    PoptrieBuilder(long[] highs, long[] lows, int[] lengths, int[] values) {
        this.highs = highs;
        this.lows = lows;
        this.lengths = lengths;
        prefixValues = values;
    }

    Poptrie build() {
        int bits = rootBits(highs.length);
        Places places = new Places(1 << bits, Poptrie.NONE);
        spread(places, 0, highs.length, 0, bits);
        int[] root = new int[1 << bits];
        for (int place = 0; place < root.length; place++) {
            root[place] = Poptrie.rootValue(places.values[place]);
            if (places.ends[place] != 0) {
                root[place] = addNodes(1);
                fill(root[place], places, place, bits);
            }
        }
        return new Poptrie(
                bits, root, Arrays.copyOf(nodes, nodeCount * Poptrie.NODE_LONGS), Arrays.copyOf(values, valueCount));
    }

    /** So that there is an entry for two to four prefixes. */
    private static int rootBits(int prefixes) {
        return Math.clamp(30L - Integer.numberOfLeadingZeros(prefixes), 0, Poptrie.MAX_ROOT_BITS);
    }

    /** What is at each place of the root or a node: a value, and the prefixes that are within it, if any. */
    private static final class Places {
        final int[] values;
        final int[] starts;
        /** Behind the last prefix; 0: there are none. */
        final int[] ends;

        Places(int count, int inherited) {
            values = new int[count];
            starts = new int[count];
            ends = new int[count];
            Arrays.fill(values, inherited);
        }
    }

    /** Deals prefixes that share their first {@code depth} bits to the places that the next bits tell. */
    private void spread(Places places, int first, int end, int depth, int bits) {
        for (int prefix = first; prefix < end; prefix++) {
            int place = bitsAt(highs[prefix], lows[prefix], depth, bits);
            int open = depth + bits - lengths[prefix];
            if (open >= 0) {
                Arrays.fill(places.values, place, place + (1 << open), prefixValues[prefix]);
            } else {
                if (places.ends[place] == 0) {
                    places.starts[place] = prefix;
                }
                places.ends[place] = prefix + 1;
            }
        }
    }

    private static int bitsAt(long high, long low, int depth, int bits) {
        if (bits == 0) {
            return 0;
        }
        long head = depth >= Long.SIZE ? low << depth : high << depth | low >>> 1 >>> (Long.SIZE - 1 - depth);
        return (int) (head >>> (Long.SIZE - bits));
    }

    /** Makes a node of what is within a place. */
    private void fill(int node, Places parent, int place, int depth) {
        Places places = new Places(PLACES, parent.values[place]);
        spread(places, parent.starts[place], parent.ends[place], depth, Poptrie.STRIDE);
        long withNode = 0;
        long withNewValue = 0;
        int firstValue = valueCount;
        for (int i = 0; i < PLACES; i++) {
            if (places.ends[i] != 0) {
                withNode |= 1L << i;
            } else if (valueCount == firstValue || values[valueCount - 1] != places.values[i]) {
                withNewValue |= 1L << i;
                addValue(places.values[i]);
            }
        }
        int next = addNodes(Long.bitCount(withNode));
        nodes[node * Poptrie.NODE_LONGS + Poptrie.NODES] = withNode;
        nodes[node * Poptrie.NODE_LONGS + Poptrie.VALUES] = withNewValue;
        nodes[node * Poptrie.NODE_LONGS + Poptrie.BASES] = (long) firstValue << Integer.SIZE | next;
        for (long left = withNode; left != 0; left &= left - 1) {
            fill(next++, places, Long.numberOfTrailingZeros(left), depth + Poptrie.STRIDE);
        }
    }

    private void addValue(int value) {
        if (valueCount == values.length) {
            values = Arrays.copyOf(values, 2 * valueCount);
        }
        values[valueCount++] = value;
    }

    /** @return the number of the first of them */
    private int addNodes(int count) {
        int first = nodeCount;
        nodeCount += count;
        if (nodeCount * Poptrie.NODE_LONGS > nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * nodeCount * Poptrie.NODE_LONGS);
        }
        return first;
    }
}
