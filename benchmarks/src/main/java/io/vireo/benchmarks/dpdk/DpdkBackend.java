package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.List;

/** DPDK's own: testpmd moves frames between two net_vhost ports without looking at them. */
final class DpdkBackend implements Backend {
    private final Testpmd testpmd;
    private long forwardingSinceNs;

    private DpdkBackend(Testpmd testpmd) {
        this.testpmd = testpmd;
    }

    static DpdkBackend start(Stage stage) throws IOException {
        List<String> devices =
                List.of("--vdev=net_vhost0,iface=" + stage.socket(0), "--vdev=net_vhost1,iface=" + stage.socket(1));
        return new DpdkBackend(
                Testpmd.start(stage, "backend", stage.cpus().backend(), devices, List.of("--forward-mode=io")));
    }

    @Override
    public String name() {
        return "DPDK";
    }

    @Override
    public int firstFrames() {
        return 1;
    }

    @Override
    public void connected() throws IOException {
        forwardingSinceNs = System.nanoTime();
        testpmd.command("start");
    }

    @Override
    public void warm() {}

    /** It polls without a pause, so whatever was not spent on frames was spent on empty polls. */
    @Override
    public Counters counters() throws IOException {
        TestpmdCounters now = testpmd.counters();
        long elapsedNs = System.nanoTime() - forwardingSinceNs;
        return new Counters(
                now.forwarded(),
                now.busyNs(),
                elapsedNs - now.busyNs(),
                now.busyPolls(),
                now.emptyPolls(),
                now.drops());
    }

    @Override
    public long waitedNs() throws IOException {
        return testpmd.waitedNs();
    }
}
