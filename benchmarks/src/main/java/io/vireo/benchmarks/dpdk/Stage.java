package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import java.nio.file.Path;

/**
 * What the processes of one run have in common.
 *
 * @param folder of this run alone
 * @param cleanup owns every process from the moment it was started
 */
record Stage(Path folder, Cpus cpus, Cleanup cleanup) {
    /** Where a guest attaches. */
    Path socket(int guest) {
        return folder.resolve(socketName(guest));
    }

    String socketName(int guest) {
        return "g" + guest + ".sock";
    }
}
