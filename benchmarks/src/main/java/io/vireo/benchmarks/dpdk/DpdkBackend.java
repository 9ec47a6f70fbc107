package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.List;

/** DPDK's own: testpmd moves frames between two ports, one at least of them net_vhost, without looking at them. */
final class DpdkBackend implements Backend {
    private static final String TAP = "tap0";

    private final Testpmd testpmd;
    private long forwardingSinceNs;

    private DpdkBackend(Testpmd testpmd) {
        this.testpmd = testpmd;
    }

    static DpdkBackend start(Stage stage) throws IOException {
        return start(stage, guest(stage, 0), guest(stage, 1));
    }

    /** One guest and a tap, in the network namespace of the calling thread. */
    static DpdkBackend startWithTap(Stage stage) throws IOException {
        DpdkBackend backend =
                start(stage, guest(stage, 0), "--vdev=net_tap0,iface=%s,mac=%s".formatted(TAP, Generator.GATEWAY));
        Tool.ip("addr add %s/32 dev %s".formatted(Destination.ADDRESS, TAP));
        Tool.ip("link set %s up".formatted(TAP));
        Tool.ip("route add %s/32 dev %s".formatted(Generator.ADDRESSES.getFirst(), TAP));
        return backend;
    }

    private static String guest(Stage stage, int number) {
        return "--vdev=net_vhost%d,iface=%s".formatted(number, stage.socket(number));
    }

    private static DpdkBackend start(Stage stage, String... devices) throws IOException {
        return new DpdkBackend(Testpmd.start(
                stage, "backend", stage.cpus().backend(), List.of(devices), List.of("--forward-mode=io")));
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
