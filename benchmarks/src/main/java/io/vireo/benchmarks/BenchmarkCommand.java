package io.vireo.benchmarks;

import io.vireo.appliance.Subcommand;
import io.vireo.benchmarks.dhcp.DhcpCommand;
import io.vireo.benchmarks.dpdk.VsDpdkCommand;
import io.vireo.benchmarks.guests.GuestsCommand;
import io.vireo.benchmarks.live.AttachedCommand;
import io.vireo.benchmarks.live.IdleCommand;
import io.vireo.benchmarks.live.LatencyCommand;
import io.vireo.benchmarks.soak.SoakCommand;
import io.vireo.benchmarks.vsock.VsockCommand;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** JMH with what this project always wants to know: time, and bytes allocated, for each operation. */
@Command(
        name = "benchmark",
        description = "Runs the JMH benchmarks and prints time and allocation per operation.",
        subcommands = {
            AttachedCommand.class,
            DhcpCommand.class,
            GuestsCommand.class,
            IdleCommand.class,
            LatencyCommand.class,
            ReactorsCommand.class,
            SoakCommand.class,
            StartBenchmark.class,
            VsDpdkCommand.class,
            VsockCommand.class
        })
public final class BenchmarkCommand implements Subcommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = ".*",
            description = "Only benchmarks whose name contains a match of this regular expression.")
    private String pattern = ".*";

    @Option(names = "--quick", description = "One short run of each: a look, not a measurement.")
    private boolean quick;

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder().include("io\\.vireo\\..*(" + pattern + ")").addProfiler(GCProfiler.class);
        if (quick) {
            options.forks(1)
                    .warmupIterations(2)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.seconds(3));
        }
        new Runner(options.build()).run();
        return 0;
    }
}
