package io.vireo.router.routes;

import org.jspecify.annotations.Nullable;

/** The plainest longest-prefix match: a node for each bit. What the tables are held against. */
final class BinaryTrie {
    private static final class Node {
        @Nullable
        Node zero;

        @Nullable
        Node one;

        int value = -1;
    }

    private final Node root = new Node();

    void put(long high, long low, int length, int value) {
        Node node = root;
        for (int i = 0; i < length; i++) {
            Node next = bit(high, low, i) ? node.one : node.zero;
            if (next == null) {
                next = new Node();
                if (bit(high, low, i)) {
                    node.one = next;
                } else {
                    node.zero = next;
                }
            }
            node = next;
        }
        node.value = value;
    }

    /** The value of the longest prefix of an address, or -1. */
    int find(long high, long low) {
        Node node = root;
        int value = -1;
        for (int i = 0; node != null; i++) {
            value = node.value >= 0 ? node.value : value;
            node = i == 128 ? null : bit(high, low, i) ? node.one : node.zero;
        }
        return value;
    }

    private static boolean bit(long high, long low, int i) {
        long rest = i < 64 ? high << i : low << (i - 64);
        return rest < 0;
    }
}
