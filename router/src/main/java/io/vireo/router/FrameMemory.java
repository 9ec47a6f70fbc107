package io.vireo.router;

import io.vireo.router.config.RouterConfig;
import io.vireo.router.dataplane.Uplink;
import io.vireo.router.reactor.Reactor;
import io.vireo.router.uplink.UplinkQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The memory for frames that a router takes in huge pages, where the host has them. */
public final class FrameMemory {
    /** What one queue of the uplink reads into, at most: a packet of 64 KiB with its headers in each buffer. */
    public static final long UPLINK_BYTES = (long) UplinkQueue.BATCH * (65_536 + 256);

    private FrameMemory() {}

    /** The sizes of all blocks, each of which is rounded up to whole pages; at most, as not all reactors need ways to all. */
    public static List<Long> blocks(RouterConfig config) {
        List<Long> blocks = new ArrayList<>();
        blocks.add(config.guests().stream().mapToLong(Router::backlogSize).sum());
        int reactors = config.reactors();
        blocks.addAll(Collections.nCopies(reactors * (reactors - 1), Reactor.HANDOVER_BYTES));
        if (config.uplink().isPresent()) {
            blocks.add(reactors * Uplink.memorySize(config.uplink().get().mtu()));
            blocks.addAll(Collections.nCopies(reactors, UPLINK_BYTES));
        }
        return blocks;
    }
}
