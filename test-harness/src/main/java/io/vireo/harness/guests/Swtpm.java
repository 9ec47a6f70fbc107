package io.vireo.harness.guests;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A software TPM 2.0 (Debian's swtpm) on a Unix socket, with a state that outlives its process: killed and started again,
 * it has the same persistent keys, as a TPM after a reset. Serves one connection at a time.
 */
public final class Swtpm implements AutoCloseable {
    private static final String PACKAGE = "swtpm";
    private static final String TOOLS_PACKAGE = "tpm2-tools";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long POLL_NS = 1_000_000;

    private final Path folder;
    private @Nullable Process process;

    private Swtpm(Path folder) {
        this.folder = folder;
    }

    /** Starts one, whose state and sockets are in an existing folder; its path must be shorter than 80 characters. */
    public static Swtpm start(Path folder) throws IOException {
        Swtpm tpm = new Swtpm(folder);
        tpm.start();
        return tpm;
    }

    /** Where raw TPM commands are served. */
    public Path socket() {
        return folder.resolve("swtpm.sock");
    }

    /** Starts it again, after {@link #kill}. */
    public void start() throws IOException {
        Process started = new ProcessBuilder(
                        Host.program("swtpm", PACKAGE).toString(),
                        "socket",
                        "--tpm2",
                        "--tpmstate",
                        "dir=" + folder,
                        "--server",
                        "type=unixio,path=" + socket(),
                        "--ctrl", // tpm2-tools need it
                        "type=unixio,path=" + socket() + ".ctrl",
                        "--flags",
                        "startup-clear")
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        process = started;
        try {
            waitUntilServing(started);
        } catch (IOException e) {
            kill();
            throw e;
        }
    }

    private void waitUntilServing(Process started) throws IOException {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (!serves()) {
            if (!started.isAlive() || System.nanoTime() - deadlineNs > 0) {
                throw new GuestException("swtpm does not serve " + socket() + ": " + Files.readString(log()));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private boolean serves() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false; // It is not there yet.
        }
    }

    /**
     * Runs one of tpm2-tools on this TPM to its end, and returns what it printed.
     *
     * @param tool such as {@code tpm2_readpublic}
     * @throws GuestException with what it printed, if it failed
     */
    public String run(String tool, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Host.program(tool, TOOLS_PACKAGE).toString(), "-T", "swtpm:path=" + socket()));
        command.addAll(List.of(arguments));
        Host.Output output = Host.run(command);
        if (output.status() != 0) {
            throw new GuestException(String.join(" ", command) + ": " + output.text());
        }
        return output.text();
    }

    /** The public area (TPMT_PUBLIC) that the TPM has of a key at a handle, as tpm2-tools read it. */
    public byte[] publicArea(int handle) throws IOException {
        Path file = folder.resolve("public");
        run("tpm2_readpublic", "-c", "0x%08x".formatted(handle), "-f", "tss", "-o", file.toString());
        byte[] sized = Files.readAllBytes(file); // TPM2B_PUBLIC: two bytes of length come first
        byte[] area = new byte[sized.length - Short.BYTES];
        System.arraycopy(sized, Short.BYTES, area, 0, area.length);
        return area;
    }

    /** Ends it as a crash would (SIGKILL): connections break, and the state remains. */
    public void kill() {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroyForcibly();
        running.onExit().join();
        process = null;
    }

    @Override
    public void close() {
        kill();
    }

    private Path log() {
        return folder.resolve("swtpm.log");
    }
}
