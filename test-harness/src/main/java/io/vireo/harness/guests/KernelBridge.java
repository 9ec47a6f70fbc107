package io.vireo.harness.guests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A bridge of the host's kernel with tap devices for guests, in a network namespace of its own that has no name. The
 * namespace lives as long as a process in it: a {@code cat} that reads what this JVM never writes, and ends with it however
 * that ends, and then the guests. So nothing can be left behind and nothing of the host's network is touched.
 */
public final class KernelBridge implements AutoCloseable {
    private static final int MTU = 1500;
    private static final String READY = "ready";

    private final Process holder;

    private KernelBridge(Process holder) {
        this.holder = holder;
    }

    /**
     * Creates the namespace and all in it.
     *
     * @param taps how many tap devices the bridge gets
     * @throws GuestException if something is not installed or not allowed; it takes root
     */
    public static KernelBridge start(int taps) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Host.program("unshare", "util-linux").toString());
        command.addAll(List.of("--net", "sh", "-ec"));
        command.add(script(Host.program("ip", "iproute2"), taps));
        Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out = holder.inputReader(UTF_8);
        String first = out.readLine();
        if (!READY.equals(first)) {
            String rest = out.lines().collect(Collectors.joining("\n"));
            holder.destroyForcibly();
            throw new GuestException("a bridge of the kernel's in a network namespace, which takes root, failed: "
                    + (first == null ? "no output" : first + "\n" + rest).strip());
        }
        return new KernelBridge(holder);
    }

    /** The bridge as fast as it can be: without the detour of bridged frames through iptables, where it is there. */
    private static String script(Path ip, int taps) {
        String devices = IntStream.range(0, taps)
                .mapToObj(i -> "%1$s tuntap add dev %2$s mode tap vnet_hdr%n%1$s link set %2$s mtu %3$d master br0 up%n"
                        .formatted(ip, name(i), MTU))
                .collect(Collectors.joining());
        return """
                exec 2>&1
                %1$s link add br0 type bridge
                %1$s link set br0 up
                for detour in /proc/sys/net/bridge/bridge-nf-call-*tables; do
                    [ ! -e $detour ] || echo 0 >$detour
                done
                %2$secho %3$s
                exec cat >/dev/null
                """.formatted(ip, devices, READY);
    }

    private static String name(int number) {
        return "tap" + number;
    }

    /** @param number of the tap device, from 0 */
    public GuestConfig.Tap tap(int number) {
        return new GuestConfig.Tap(Path.of("/proc/" + holder.pid() + "/ns/net"), name(number), MTU);
    }

    /** The namespace goes when the last guest in it has. */
    @Override
    public void close() {
        holder.destroyForcibly().onExit().join();
    }
}
