package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Vireo and DPDK's vhost backend under the same load, in pairs. */
@Command(
        name = "vs-dpdk",
        subcommands = UplinkCommand.class,
        description = {
            "Compares Vireo with DPDK's own vhost backend under the same load.",
            "",
            "The generator is a dpdk-testpmd that plays two guests, on one core; 1024 frames go to and fro between them."
                    + " The backend between the two guests has another core: Vireo's reactor, which checks sources, routes and"
                    + " counts, or the io forwarding of a second dpdk-testpmd, which does not look at frames. A pair is one run"
                    + " of each, on the same cores, with all processes started anew; every other pair begins with Vireo.",
            "",
            "Mpps are million frames a second, both directions together. The backend's time a frame is given as BUSY+EMPTY"
                    + " nanoseconds: in polls that found frames, and in polls that did not. Where the generator is 100%% busy,"
                    + " it is the limit, and only the busy time compares."
                    + " WAITED is how much of the time the two busy threads, together, were kept from their cores by something"
                    + " else: above 2%% or so, the machine was not quiet and the run means little.",
            "",
            "A run in which a frame was dropped is not reported: the command ends with code 1.",
            "",
            "Needs dpdk-testpmd (Debian's package dpdk-dev), two cores on which nothing else runs, and 1 GiB of free huge"
                    + " pages. If there are fewer, the kernel's pool is enlarged for as long as this runs, which takes root.",
            "",
            "Options:"
        },
        optionListHeading = "")
public final class VsDpdkCommand implements Callable<Integer> {
    private static final int SMALLEST_FRAME = 64;
    private static final int LARGEST_FRAME = 1514;

    @Mixin
    private PairOptions options = new PairOptions();

    @Option(
            names = "--size",
            defaultValue = "64,512,1500",
            split = ",",
            paramLabel = "BYTES",
            description =
                    "Frame sizes from the Ethernet header on, without the check sequence; ${DEFAULT-VALUE} by default.")
    private List<Integer> sizes = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int size : sizes) {
            if (size < SMALLEST_FRAME || size > LARGEST_FRAME) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--size: %d is not from %d to %d".formatted(size, SMALLEST_FRAME, LARGEST_FRAME));
            }
        }
        options.run(this::compare);
        return 0;
    }

    private void compare(Cpus cpus) throws IOException, InterruptedException {
        Bench bench = new Bench(cpus, options.warmUp(), options.interval());
        for (Ring ring : options.rings()) {
            for (int size : sizes) {
                options.compare(
                        "%s rings, %d bytes".formatted(ring, size),
                        () -> bench.dpdk(ring, size),
                        () -> bench.vireo(ring, size));
            }
        }
    }
}
