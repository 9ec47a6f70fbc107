package io.vireo.benchmarks.dpdk;

import io.vireo.harness.guests.Host;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Programs that tell the kernel something or ask it, in the network namespace of the calling thread. */
final class Tool {
    private Tool() {}

    /** Runs {@code ip} with these words. */
    static void ip(String arguments) throws IOException {
        run("ip", "iproute2", arguments.split(" ", -1));
    }

    /** Sets how a thread stands behind others that want its CPU: 19 last, -20 first. */
    static void renice(long thread, int nice) throws IOException {
        run("renice", "bsdutils", "-n", Integer.toString(nice), "-p", Long.toString(thread));
    }

    /** What a program wrote. @throws IOException if it is not installed or fails; says why */
    static String run(String program, String debianPackage, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Host.program(program, debianPackage).toString());
        command.addAll(List.of(arguments));
        Host.Output output = Host.run(command);
        if (output.status() != 0) {
            throw new IOException("%s %s: %s"
                    .formatted(
                            program, String.join(" ", arguments), output.text().strip()));
        }
        return output.text();
    }
}
