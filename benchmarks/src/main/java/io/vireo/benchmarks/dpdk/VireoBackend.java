package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Child;
import io.vireo.benchmarks.support.VireoProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import jnr.constants.platform.Signal;
import jnr.posix.POSIXFactory;

/** Vireo: guests of one network, whose sources are checked, and whose frames are routed and counted. */
final class VireoBackend implements Backend {
    private final Child child;
    private final Cpus cpus;

    private VireoBackend(Child child, Cpus cpus) {
        this.child = child;
        this.cpus = cpus;
    }

    static VireoBackend start(Stage stage) throws IOException {
        return start(stage, "", "", Generator.MACS.size());
    }

    /** One guest and an uplink, in the network namespace of the calling thread. */
    static VireoBackend startWithUplink(Stage stage) throws IOException {
        return start(stage, "uplink: {tun: vireo0, ipv4: %s}%n".formatted(Destination.ADDRESS), ", uplink: true", 1);
    }

    private static VireoBackend start(Stage stage, String top, String network, int guests) throws IOException {
        Child child = VireoProcess.start(
                stage.cleanup(),
                stage.folder(),
                stage.cpus().onAny(),
                configuration(stage, top, network, guests),
                List.of());
        Cpus.moveThread(child.thread(VireoProcess.REACTOR), stage.cpus().backend());
        return new VireoBackend(child, stage.cpus());
    }

    private static String configuration(Stage stage, String top, String network, int guests) {
        StringBuilder text = new StringBuilder();
        text.append("""
                runtime-dir: "%1$s"
                state-dir: "%1$s/state"
                %2$snetworks:
                  - {name: default, ipv4: 10.0.0.0/24%3$s}
                guests:
                """.formatted(stage.folder(), top, network));
        for (int i = 0; i < guests; i++) {
            text.append("  - {name: g%d, network: default, mac: \"%s\", ipv4: %s, socket: %s}%n"
                    .formatted(i, Generator.MACS.get(i), Generator.ADDRESSES.get(i), stage.socketName(i)));
        }
        return text.toString();
    }

    @Override
    public String name() {
        return "Vireo";
    }

    /** Every other one is sent in the other guest's name, and dropped. */
    @Override
    public int firstFrames() {
        return 2;
    }

    @Override
    public void connected() {}

    /** From now on the reactor has its CPU for itself; the compiler needed a share of both. */
    @Override
    public void warm() throws IOException {
        Cpus.moveProcess(child.pid(), cpus.rest());
        Cpus.moveThread(child.thread(VireoProcess.REACTOR), cpus.backend());
    }

    /** Asks twice, as only a second answer tells that the first is complete. */
    @Override
    public Counters counters() throws IOException {
        long from = child.err().position();
        signal();
        child.await(child.err(), VireoCounters.LINE, from);
        signal();
        child.await(child.err(), VireoCounters.TWICE, from);
        Map<String, Long> values =
                VireoCounters.firstOf(child.err().since(from)).orElseThrow();
        try {
            return VireoCounters.of(values);
        } catch (IllegalArgumentException e) {
            throw child.failure("does not tell its time (" + e.getMessage() + ")", e);
        }
    }

    private void signal() throws IOException {
        if (POSIXFactory.getNativePOSIX().kill(Math.toIntExact(child.pid()), Signal.SIGUSR1.intValue()) != 0) {
            throw child.failure("has ended", null);
        }
    }

    @Override
    public long waitedNs() throws IOException {
        return child.waitedNs(VireoProcess.REACTOR);
    }
}
