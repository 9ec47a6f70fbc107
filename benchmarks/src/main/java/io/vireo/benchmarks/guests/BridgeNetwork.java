package io.vireo.benchmarks.guests;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.KernelBridge;
import java.io.IOException;

/** The host's kernel: a bridge and a tap device for each guest, with all offloads. */
final class BridgeNetwork extends Network {
    private final KernelBridge bridge;

    private BridgeNetwork(KernelBridge bridge) {
        this.bridge = bridge;
    }

    static BridgeNetwork start() throws IOException {
        return new BridgeNetwork(KernelBridge.start(2));
    }

    @Override
    Guest boot(int guest) throws IOException {
        return start(config(guest, "vec0").withTap(bridge.tap(guest - 1)));
    }

    @Override
    long workNs() {
        return 0;
    }

    @Override
    public void close() {
        bridge.close();
    }
}
