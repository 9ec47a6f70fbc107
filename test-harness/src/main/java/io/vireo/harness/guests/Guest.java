package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A running guest, as a process group of its own. Whatever happens to the test, the group is killed: by {@link #close}, or
 * when the JVM ends.
 */
public final class Guest implements AutoCloseable {
    private static final Duration BOOT_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration LEASE_TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern READY = Pattern.compile("@@READY\n");
    private static final Set<Guest> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Guest::kill)));
    }

    private final Process process;
    private final GuestConsole console;
    private final Path folder;

    private Guest(Process process, GuestConsole console, Path folder) {
        this.process = process;
        this.console = console;
        this.folder = folder;
    }

    /** Starts a command in a session of its own and waits for its guest's shell. The guest owns {@code folder} from now on. */
    static Guest boot(String name, List<String> command, Map<String, String> environment, Path folder)
            throws IOException {
        List<String> inSession = new java.util.ArrayList<>(List.of("setsid"));
        inSession.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(inSession).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        Guest guest = new Guest(process, new GuestConsole(name, process), folder);
        RUNNING.add(guest);
        try {
            guest.console.await(READY, 0, BOOT_TIMEOUT);
            return guest;
        } catch (GuestException e) {
            guest.close();
            throw e;
        }
    }

    /** Runs a command of one line in the guest. */
    public GuestResult exec(String command, Duration timeout) throws IOException {
        return console.exec(command, timeout);
    }

    /** Runs a command that must succeed. @return what it printed */
    public String run(String command, Duration timeout) throws IOException {
        GuestResult result = exec(command, timeout);
        if (result.exitCode() != 0) {
            throw new GuestException(command + " ended with " + result.exitCode() + ":\n" + result.output());
        }
        return result.output();
    }

    /** Leases an address by DHCP and applies it. @return the line that says what was leased */
    public String lease() throws IOException {
        return run(
                "ip link set eth0 up && udhcpc -i eth0 -s /usr/share/udhcpc/default.script -n -q -O mtu -O staticroutes -t 10 -T 1",
                LEASE_TIMEOUT);
    }

    /** All that the console has shown so far. */
    public String output() {
        return console.text();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long processGroup() {
        return process.pid();
    }

    /** Ends the guest as a power failure would, with all its processes, and waits until they are gone. */
    public void kill() {
        try {
            // The guest's own processes are in the group; one that is gone already is no error.
            new ProcessBuilder("kill", "-KILL", "--", "-" + process.pid())
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        RUNNING.remove(this);
    }

    @Override
    public void close() {
        kill();
        HostTools.deleteRecursively(folder);
    }
}
