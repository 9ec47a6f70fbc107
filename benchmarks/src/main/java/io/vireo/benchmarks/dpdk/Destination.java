package io.vireo.benchmarks.dpdk;

import java.io.IOException;

/** Where the datagrams of a guest end and are counted: in the kernel or behind it, the same for all backends. */
interface Destination {
    /** On the tap or TUN device. */
    String ADDRESS = "192.0.2.1";

    int PORT = 9;

    /** All that have arrived. */
    long datagrams() throws IOException;

    /** Stops counting, so that those who share its CPU can end. */
    default void end() {}
}
