package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Child;
import io.vireo.harness.guests.Host;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A dpdk-testpmd whose command line is driven from here. Its one forwarding thread keeps a CPU busy from start on. */
final class Testpmd {
    /** Memory of each, all in huge pages. */
    static final int MEGABYTES = 512;

    /** Frames that a burst has, unless told otherwise. */
    static final int BURST = 32;

    private static final Pattern PROMPT = Pattern.compile("^testpmd> ", Pattern.MULTILINE);

    /** Its name depends on the version: the first is 22.11's. */
    private static final Pattern WORKER = Pattern.compile("rte-worker-1|lcore-worker-1|dpdk-worker1");

    private final Child child;

    private Testpmd(Child child) {
        this.child = child;
    }

    /** The program's path. @throws IOException if it is not installed; it names the package */
    static String program() throws IOException {
        return Host.program("dpdk-testpmd", "dpdk-dev").toString();
    }

    /**
     * Starts it and waits for its prompt.
     *
     * @param cpu where it forwards
     * @param environment further arguments of DPDK's environment layer: its devices above all
     * @param arguments further arguments of testpmd itself
     */
    static Testpmd start(Stage stage, String name, int cpu, List<String> environment, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(stage.cpus().onAny());
        command.addAll(List.of(
                Host.program("stdbuf", "coreutils").toString(),
                "-oL", // its output line by line
                program(),
                // the first only waits for commands, the second forwards
                "--lcores=0@%d,1@%d".formatted(stage.cpus().generator(), cpu),
                "--no-pci",
                "--in-memory",
                "--no-telemetry",
                "--file-prefix=vireo-%d-%s".formatted(ProcessHandle.current().pid(), name),
                "-m",
                Integer.toString(MEGABYTES)));
        command.addAll(environment);
        command.addAll(List.of(
                "--",
                "--interactive",
                "--nb-cores=1",
                "--txd=1024",
                "--rxd=1024",
                "--disable-link-check",
                "--no-flush-rx", // a second start would throw away what is in flight
                "--record-core-cycles",
                "--record-burst-stats"));
        command.addAll(arguments);
        Child child = Child.start(stage.cleanup(), name, command);
        child.await(child.out(), PROMPT, 0);
        return new Testpmd(child);
    }

    /** Types a command and returns what it printed, up to the next prompt. */
    String command(String line) throws IOException {
        long from = child.out().position();
        child.type(line);
        child.await(child.out(), PROMPT, from);
        return child.out().since(from);
    }

    /** Counters of all ports and of forwarding; for a testpmd that forwards. */
    TestpmdCounters counters() throws IOException {
        String ports = command("show port stats all");
        String forwarding = command("show fwd stats all");
        try {
            return TestpmdCounters.parse(ports, forwarding);
        } catch (IllegalArgumentException e) {
            throw child.failure("prints counters that are not understood (" + e.getMessage() + ")", e);
        }
    }

    /** How long the forwarding thread has been without its CPU, in nanoseconds. */
    long waitedNs() throws IOException {
        return child.waitedNs(WORKER);
    }

    /** What it, or its libraries, have logged. */
    String log() {
        return child.err().since(0);
    }
}
