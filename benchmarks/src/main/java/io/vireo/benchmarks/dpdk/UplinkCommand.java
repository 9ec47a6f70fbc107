package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The uplink against DPDK's vhost and tap devices under the same load, in pairs. */
@Command(
        name = "uplink",
        description = {
            "Compares Vireo's uplink with DPDK's way from a guest to the host's kernel: net_vhost to net_tap.",
            "",
            "The generator is a dpdk-testpmd that plays a guest, on one core, and sends frames of 64 bytes to the host as fast"
                    + " as they are taken. The backend has another core: Vireo's reactor, which checks the source, routes,"
                    + " merges and counts, or the io forwarding of a second dpdk-testpmd, which does not look at frames. The"
                    + " kernel takes the frames on the backend's core, in a network namespace of this run's own; the"
                    + " destination MAC is the gateway's, which is the tap's own. The receiving thread shares the generator's"
                    + " core and goes first there. A pair is one run of each, on the same cores, with all processes started"
                    + " anew; every other pair begins with Vireo.",
            "",
            "Loads:",
            "  dropped  datagrams of 32 flows in turn, so that none is merged; a rule of nftables drops them before they are"
                    + " routed, and counts them",
            "  socket   datagrams of one flow, counted where a UDP socket receives them, one by one",
            "  gro      the same with UDP_GRO: the socket takes as one what came as one, and they are counted one by one",
            "",
            "Mpps are million datagrams a second that arrived. The backend's time a frame is given as BUSY+EMPTY nanoseconds,"
                    + " the kernel's work included: in polls that found frames, and in polls that did not. Of the generator,"
                    + " the part of its frames that was taken: near 100%% it is the limit. WAITED is how much of the time the"
                    + " backend was kept from its core by something else: above 2%% or so, the run means little.",
            "",
            "A run of which more than 3%% of the frames sent did not arrive is not reported: the command ends with code 1.",
            "",
            "Needs root, what vs-dpdk needs, and nft (Debian's package nftables).",
            "",
            "Options:"
        },
        optionListHeading = "")
final class UplinkCommand implements Callable<Integer> {
    @Mixin
    private PairOptions options = new PairOptions();

    @Option(
            names = "--load",
            defaultValue = "dropped,socket,gro",
            split = ",",
            paramLabel = "LOAD",
            converter = UplinkLoad.Converter.class,
            description = "Which of them; ${DEFAULT-VALUE} by default.")
    private List<UplinkLoad> loads = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        options.run(this::compare);
        return 0;
    }

    private void compare(Cpus cpus) throws IOException, InterruptedException {
        UplinkBench bench = new UplinkBench(cpus, options.warmUp(), options.interval());
        for (UplinkLoad load : loads) {
            for (Ring ring : options.rings()) {
                options.compare(
                        "%s rings, %d bytes, %s".formatted(ring, Source.FRAME, load.description()),
                        () -> bench.dpdk(ring, load),
                        () -> bench.vireo(ring, load));
            }
        }
    }
}
