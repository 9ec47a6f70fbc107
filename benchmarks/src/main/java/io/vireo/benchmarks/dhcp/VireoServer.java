package io.vireo.benchmarks.dhcp;

import io.vireo.benchmarks.live.LiveVireo;
import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.util.List;

/** Vireo in a process of its own, with one guest. */
record VireoServer(LiveVireo vireo, NamespaceGuest client) implements Server {
    static VireoServer start() throws IOException {
        LiveVireo vireo = LiveVireo.start(1, "", List.of("-XX:+UseSerialGC"));
        try {
            return new VireoServer(vireo, NamespaceGuest.boot("client", vireo.socket(1)));
        } catch (Throwable e) {
            vireo.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try (LiveVireo last = vireo) {
            client.close();
        }
    }
}
