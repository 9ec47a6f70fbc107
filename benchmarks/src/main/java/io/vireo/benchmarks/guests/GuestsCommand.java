package io.vireo.benchmarks.guests;

import io.vireo.benchmarks.support.PositiveNumber;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** TCP between two real guests: over Vireo without and with offloads, and over the kernel's bridge. */
@Command(
        name = "guests",
        description = {
            "Measures TCP between two user-mode Linux guests over Vireo, without and with offloads, and over the kernel's own"
                    + " bridge.",
            "",
            "A round is one run of each, in turn; the next round begins with the next of them. A run starts two guests, and"
                    + " what connects them, anew and alone, lets iperf3 warm up for 2 seconds, measures one TCP connection"
                    + " from vm1 to vm2, and then pings 50 times. Guests, their memory (256 MiB), kernel and MTU (1500) are the"
                    + " same everywhere. On Vireo, a process of its own, their cards are virtio-net; on the bridge they are"
                    + " user-mode Linux's vector transport on tap devices with virtio-net headers, so that"
                    + " super-frames pass whole there too; bridge and taps live in a network namespace without a name, which"
                    + " nothing outlives.",
            "",
            "Each guest has one virtual CPU and is kept on one CPU of the host, vm1 on the first and vm2 on the second: its"
                    + " kernel and the process it runs take turns at every system call, and where the scheduler spreads"
                    + " them over both, waking the other CPU costs more than the network, whichever it is. Nothing"
                    + " else is pinned: where the host has two CPUs, Vireo's reactor competes with the guests for them,"
                    + " while the kernel does the bridge's work within the guests' own system calls.",
            "",
            "CPU time is given in seconds for each gigabyte received: of the whole machine, of it the guests' processes"
                    + " (the bridge's work is in their system time), and the reactor's thread. The rest is that of"
                    + " kernel threads, of the JVM's compilers, and of whatever else runs: leave the machine alone.",
            "",
            "Needs root and the Debian packages user-mode-linux, busybox-static, iperf3 and iproute2.",
            "",
            "Options:"
        },
        optionListHeading = "")
public final class GuestsCommand implements Callable<Integer> {
    @Option(
            names = "--pairs",
            converter = PositiveNumber.class,
            defaultValue = "7",
            paramLabel = "N",
            description = "Rounds; ${DEFAULT-VALUE} by default.")
    private int rounds;

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            defaultValue = "5",
            paramLabel = "N",
            description = "How long each run measures; ${DEFAULT-VALUE} by default.")
    private int seconds;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        BridgeNetwork.start().close(); // if that is impossible, it is better known now than after other runs
        List<Map<Contestant, Measurement>> measured = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            measured.add(round(round));
        }
        say("%n%s", new Summary(measured).text().stripTrailing());
        return 0;
    }

    private Map<Contestant, Measurement> round(int round) throws IOException {
        Contestant[] all = Contestant.values();
        Map<Contestant, Measurement> measured = new EnumMap<>(Contestant.class);
        for (int i = 0; i < all.length; i++) {
            Contestant contestant = all[(round + i) % all.length];
            try (Network network = contestant.start()) {
                Measurement measurement = Measurement.take(network, seconds);
                measured.put(contestant, measurement);
                say("round %d of %d, %s: %s", round + 1, rounds, contestant, measurement);
            }
        }
        return measured;
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
