package io.vireo.harness.guests;

import io.vireo.harness.packets.Mac;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a guest is to be, for either launcher. Immutable: begin with {@link #of} and add; each {@code with} method returns
 * another configuration.
 *
 * @param name stands in messages about the guest
 * @param memoryMebibytes the guest's memory, at least {@value #MINIMUM_MEMORY}
 * @param processors how many it has in QEMU, and queue pairs each of its network cards; user-mode Linux has one
 * @param links its network cards, {@code eth0} first
 * @param tap one more network card, {@code vec0}, which only user-mode Linux has
 * @param vsock where the vhost-user backend of its vsock device listens
 * @param cpu of the host, the only one a user-mode Linux guest may run on
 * @param programs programs of the host, with their libraries, that it gets besides busybox
 * @param script shell commands run before {@code start} returns; a failing script fails the start
 * @param bootTimeout how long {@code start} waits for kernel and script together
 */
public record GuestConfig(
        String name,
        int memoryMebibytes,
        int processors,
        List<Link> links,
        Optional<Tap> tap,
        Optional<Path> vsock,
        OptionalInt cpu,
        List<Program> programs,
        String script,
        Duration bootTimeout) {
    private static final int MINIMUM_MEMORY = 64;

    /**
     * A network card.
     *
     * @param socket where the vhost-user backend listens
     * @param mac its address; without one the guest's driver chooses
     * @param packed whether QEMU lets the guest have packed rings; user-mode Linux always does
     * @param listens whether QEMU listens there, and the backend connects; user-mode Linux never does
     */
    public record Link(Path socket, Optional<Mac> mac, boolean packed, boolean listens) {}

    /**
     * A network card whose other end is a tap device of the host's kernel. The guest then runs in the network namespace that
     * has it. Its driver calls the card {@code vec0} and gives it an address of its own choice.
     *
     * @param namespace a file that stands for the network namespace, such as {@code /proc/PID/ns/net}
     * @param device the tap device's name, which exists and has virtio-net headers ({@code vnet_hdr})
     * @param mtu the card's
     */
    public record Tap(Path namespace, String device, int mtu) {}

    /**
     * A program of the host.
     *
     * @param name by which PATH has it, or the absolute path of its file
     * @param debianPackage what to install where it is missing
     */
    public record Program(String name, String debianPackage) {}

    public GuestConfig {
        if (memoryMebibytes < MINIMUM_MEMORY) {
            throw new IllegalArgumentException(
                    "a guest needs " + MINIMUM_MEMORY + " MiB of memory, not " + memoryMebibytes);
        }
        links = List.copyOf(links);
        programs = List.copyOf(programs);
    }

    /** 128 MiB, no network, busybox alone, a minute to boot. */
    public static GuestConfig of(String name) {
        return new GuestConfig(
                name,
                128,
                1,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                List.of(),
                "",
                Duration.ofMinutes(1));
    }

    public GuestConfig withMemory(int mebibytes) {
        return new GuestConfig(name, mebibytes, processors, links, tap, vsock, cpu, programs, script, bootTimeout);
    }

    public GuestConfig withProcessors(int count) {
        return new GuestConfig(name, memoryMebibytes, count, links, tap, vsock, cpu, programs, script, bootTimeout);
    }

    /** Adds a network card whose address the backend or the driver chooses. */
    public GuestConfig withLink(Path socket) {
        return withLink(new Link(socket, Optional.empty(), false, false));
    }

    /** Adds a network card with this address. */
    public GuestConfig withLink(Path socket, Mac mac) {
        return withLink(new Link(socket, Optional.of(mac), false, false));
    }

    /** Adds a network card with this address and packed rings. */
    public GuestConfig withPackedLink(Path socket, Mac mac) {
        return withLink(new Link(socket, Optional.of(mac), true, false));
    }

    /** Gives it a network card on a tap device of the host. */
    public GuestConfig withTap(Tap card) {
        return new GuestConfig(
                name, memoryMebibytes, processors, links, Optional.of(card), vsock, cpu, programs, script, bootTimeout);
    }

    /** Gives it a vsock device, whose socket family its programs then have. */
    public GuestConfig withVsock(Path socket) {
        return new GuestConfig(
                name, memoryMebibytes, processors, links, tap, Optional.of(socket), cpu, programs, script, bootTimeout);
    }

    /**
     * Keeps a user-mode Linux guest on one CPU of the host. Its kernel and the process it runs take turns at every system
     * call: a scheduler that spreads them over two CPUs has each turn wait for another CPU to wake.
     */
    public GuestConfig withCpu(int number) {
        return new GuestConfig(
                name,
                memoryMebibytes,
                processors,
                links,
                tap,
                vsock,
                OptionalInt.of(number),
                programs,
                script,
                bootTimeout);
    }

    public GuestConfig withIperf3() {
        return withProgram("iperf3", "iperf3");
    }

    public GuestConfig withSocat() {
        return withProgram("socat", "socat");
    }

    public GuestConfig withDhclient() {
        return withProgram("dhclient", "isc-dhcp-client");
    }

    public GuestConfig withProgram(String program, String debianPackage) {
        return new GuestConfig(
                name,
                memoryMebibytes,
                processors,
                links,
                tap,
                vsock,
                cpu,
                plus(programs, new Program(program, debianPackage)),
                script,
                bootTimeout);
    }

    public GuestConfig withScript(String script) {
        return new GuestConfig(
                name, memoryMebibytes, processors, links, tap, vsock, cpu, programs, script, bootTimeout);
    }

    public GuestConfig withBootTimeout(Duration timeout) {
        return new GuestConfig(name, memoryMebibytes, processors, links, tap, vsock, cpu, programs, script, timeout);
    }

    /** Adds any network card. */
    public GuestConfig withLink(Link link) {
        return new GuestConfig(
                name, memoryMebibytes, processors, plus(links, link), tap, vsock, cpu, programs, script, bootTimeout);
    }

    private static <T> List<T> plus(List<T> list, T last) {
        List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }
}
