package io.vireo.harness.guests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A running guest and its console. Any thread may call; commands run one at a time.
 *
 * <p>Whoever started it closes it. Where that does not happen, the end of the JVM does.
 */
public final class Guest implements AutoCloseable {
    private static final Duration LEASE_TIMEOUT = Duration.ofSeconds(30);
    private static final int REAP_SECONDS = 10;
    private static final Pattern READY = Pattern.compile("@ready (\\d+)");

    private static final Set<Guest> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(Guest::close), "guests-close"));
    }

    private final Process process;
    private final Session session;
    private final Path folder;
    private final Agent agent;

    private Guest(String name, Process process, Path folder) {
        this.process = process;
        this.session = new Session(process.pid());
        this.folder = folder;
        this.agent = new Agent(name, process);
    }

    /**
     * Runs a guest's command as a session of its own and waits for its agent.
     *
     * @param folder the guest's, removed when it closes
     */
    static Guest start(
            String name, List<String> command, Map<String, String> environment, Path folder, Duration bootTimeout)
            throws IOException {
        List<String> withSession =
                new ArrayList<>(List.of(Host.program("setsid", "util-linux").toString()));
        withSession.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(withSession).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Guest guest = new Guest(name, builder.start(), folder);
        OPEN.add(guest);
        try {
            String status = guest.agent.await(READY, 0, bootTimeout).group(1);
            if (!status.equals("0")) {
                throw guest.agent.failure("its script failed with status " + status);
            }
            return guest;
        } catch (Throwable e) {
            guest.close();
            throw e;
        }
    }

    /** The number of the guest's process group, which is also that of its session and of its first process. */
    public long processGroup() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** All the console has printed, the answers to commands in their encoding included. */
    public String output() {
        return agent.console().text();
    }

    /**
     * Waits until the console has printed what a regular expression finds, from its beginning on.
     *
     * @throws GuestException with the console's end if it has not in time, or the guest died
     */
    public MatchResult awaitOutput(String regex, Duration timeout) throws GuestException {
        return agent.await(Pattern.compile(regex), 0, timeout);
    }

    /**
     * Runs a shell command, of any number of lines, to its end, with no input. What it leaves in the background runs on.
     *
     * @param timeout after which the guest kills it, rounded up to a second
     * @throws GuestException if the time was over, or the guest does not answer or has died
     */
    public GuestResult exec(String command, Duration timeout) throws GuestException {
        return agent.exec(command, timeout);
    }

    /** Runs a command that must succeed, as {@link #exec} does; what it printed. */
    public String run(String command, Duration timeout) throws GuestException {
        GuestResult result = exec(command, timeout);
        if (result.exitCode() != 0) {
            throw agent.failure("\"%s\" ended with %d:\n%s".formatted(command, result.exitCode(), result.output()));
        }
        return result.output();
    }

    /** Leases an address for {@code eth0} by DHCP and applies it; the output has a line that says what was leased. */
    public String lease() throws GuestException {
        return run("dhcp eth0", LEASE_TIMEOUT);
    }

    /** Waits until {@code eth0} has found an IPv6 address that is good beyond its link; the address. */
    public String ipv6() throws GuestException {
        return run("ipv6 eth0 global", LEASE_TIMEOUT).strip();
    }

    /** Leases an IPv6 address for {@code eth0} by DHCPv6 and applies it; the address. It takes {@link GuestConfig#withDhclient}. */
    public String leaseIpv6() throws GuestException {
        return run("dhcp6 eth0", LEASE_TIMEOUT).strip();
    }

    /** Kills every process of the guest with SIGKILL, as a crash of its VMM would; returns when none is left. */
    public void kill() {
        session.kill();
        // Until this JVM has collected the first one, its number is still in use.
        process.onExit().orTimeout(REAP_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Kills the guest, if that has not happened, and removes its folder. */
    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        kill();
        deleteTree(folder);
    }

    /** Removes a folder and all in it; what is not there is as it should be. */
    public static void deleteTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
