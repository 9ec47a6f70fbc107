package io.vireo.benchmarks.guests;

import java.io.IOException;

/** What is compared. */
enum Contestant {
    PLAIN("Vireo, no offloads"),
    OFFLOADS("Vireo, offloads"),
    BRIDGE("kernel's bridge");

    private final String text;

    Contestant(String text) {
        this.text = text;
    }

    Network start() throws IOException {
        return switch (this) {
            case PLAIN -> VireoNetwork.start(false);
            case OFFLOADS -> VireoNetwork.start(true);
            case BRIDGE -> BridgeNetwork.start();
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
