package io.vireo.benchmarks.dpdk;

import java.nio.file.Path;

/** Where the two guests attach. */
record Sockets(Path folder) {
    Path path(int guest) {
        return folder.resolve(name(guest));
    }

    String name(int guest) {
        return "g" + guest + ".sock";
    }
}
