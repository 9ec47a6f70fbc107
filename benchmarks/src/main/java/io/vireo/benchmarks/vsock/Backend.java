package io.vireo.benchmarks.vsock;

import io.vireo.benchmarks.support.Child;
import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.VireoProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Who serves the guest's device, in a process of its own. */
enum Backend {
    VIREO("Vireo"),
    VHOST_DEVICE_VSOCK("vhost-device-vsock");

    private static final int CID = 33;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long POLL_NS = 1_000_000;

    private final String text;

    Backend(String text) {
        this.text = text;
    }

    /** Where the guest's device connects. */
    static Path socket(Path folder) {
        return folder.resolve("vm1-vsock.sock");
    }

    /** Where programs of the host do. */
    static Path uds(Path folder) {
        return folder.resolve("vm1.vsock");
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param peer the program of vhost-device-vsock
     */
    Child start(Cleanup cleanup, Path folder, Path peer) throws IOException {
        if (this == VIREO) {
            return VireoProcess.start(cleanup, folder, List.of(), configuration(folder), List.of());
        }
        Child child = Child.start(
                cleanup,
                text,
                List.of(
                        peer.toString(),
                        "--guest-cid=" + CID,
                        "--socket=" + socket(folder),
                        "--uds-path=" + uds(folder)));
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!Files.exists(socket(folder))) {
            if (child.err().ended() || System.nanoTime() - deadlineNs > 0) {
                throw child.failure("does not listen", null);
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return child;
    }

    private static String configuration(Path folder) {
        return """
                runtime-dir: "%1$s"
                state-dir: "%1$s/state"
                networks:
                  - {name: default, ipv4: 10.0.0.0/24}
                guests:
                  - name: vm1
                    network: default
                    mac: "52:54:00:12:34:01"
                    ipv4: 10.0.0.5
                    vsock: {cid: %2$d, socket: "%3$s", uds: "%4$s"}
                """.formatted(folder, CID, socket(folder), uds(folder));
    }

    @Override
    public String toString() {
        return text;
    }
}
