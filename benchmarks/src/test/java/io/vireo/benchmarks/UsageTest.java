package io.vireo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Numbers with which nothing can be measured are mistakes of the user. */
class UsageTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "attached --guests 0",
                "attached --guests 1",
                "attached --pairs 0",
                "attached --seconds -1",
                "dhcp --pairs 0",
                "dhcp --seconds 0",
                "guests --pairs 0",
                "guests --seconds 0",
                "idle --guests 0",
                "idle --seconds 0",
                "idle --echoes 0",
                "idle --silence -3",
                "idle --silence soon",
                "latency --seconds 0",
                "latency --interval 0",
                "latency --load 0,-1",
                "latency --load 101",
                "latency --gc none",
                "reactors --pairs 0",
                "reactors --seconds 0",
                "reactors --frame 63",
                "reactors --frame 1519",
                "vs-dpdk --pairs 0",
                "vs-dpdk --seconds 0",
                "vs-dpdk --warm-up 0",
                "vs-dpdk --size 63",
                "vs-dpdk --ring round",
                "vs-dpdk uplink --pairs 0",
                "vs-dpdk uplink --load heavy",
                "vsock --pairs 0",
                "vsock --megabytes 0",
                "vsock --connections -1",
            })
    void aNumberThatMeasuresNothingIsAnsweredWithTheUsage(String arguments) {
        StringWriter errors = new StringWriter();
        CommandLine command = new CommandLine(new BenchmarkCommand()).setErr(new PrintWriter(errors));
        assertEquals(CommandLine.ExitCode.USAGE, command.execute(arguments.split(" ", -1)), errors::toString);
        int options = arguments.indexOf(" --");
        String subcommand = arguments.substring(0, options);
        String option = arguments.substring(options + 1).split(" ", -1)[0];
        assertTrue(errors.toString().contains(option), errors::toString);
        assertTrue(errors.toString().contains("Usage: benchmark " + subcommand), errors::toString);
    }
}
