package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest's program that streams bytes over vsock, or opens and closes connections, and says how long it took; see {@code
 * vsock-load.c}. The host compiles it, which takes gcc and libc6-dev, and {@link GuestConfig#withProgram} copies it.
 */
public final class VsockLoad {
    /** By which a guest's shell finds it. */
    public static final String NAME = "vsock-load";

    private static final Pattern TRANSFER = Pattern.compile("bytes (\\d+) crc ([0-9a-f]{8}) ns (\\d+)\\s*");
    private static final Pattern CONNECTIONS = Pattern.compile("connections (\\d+) ns (\\d+)\\s*");

    private VsockLoad() {}

    /** @param crc CRC-32C of all of them */
    public record Transfer(long bytes, int crc, long ns) {
        public double gbit() {
            return bytes * 8.0 / ns;
        }
    }

    /** Compiles it into a folder, for guests' configurations to name. */
    public static Path compile(Path folder) throws IOException {
        Path source = folder.resolve(NAME + ".c");
        Path program = folder.resolve(NAME);
        GuestRoot.copyResource(NAME + ".c", source);
        Compiler.compile(program, List.of("-Wall", "-Wextra", "-Werror", source.toString()));
        return program;
    }

    /**
     * Streams in one direction and waits until all has arrived.
     *
     * @param arguments {@code send CID PORT BYTES} or {@code receive CID PORT BYTES}; for any CID but {@code -}, which waits for
     *     a peer to connect, the guest connects
     */
    public static Transfer transfer(Guest guest, String arguments, Duration timeout) throws GuestException {
        Matcher report = report(guest, arguments, timeout, TRANSFER);
        return new Transfer(
                Long.parseLong(report.group(1)),
                Integer.parseUnsignedInt(report.group(2), 16),
                Long.parseLong(report.group(3)));
    }

    /**
     * Opens and closes connections, on each of which a byte goes there and back.
     *
     * @param arguments {@code turn CID PORT COUNT} or {@code once CID PORT COUNT}
     * @return nanoseconds for all
     */
    public static long connections(Guest guest, String arguments, Duration timeout) throws GuestException {
        return Long.parseLong(report(guest, arguments, timeout, CONNECTIONS).group(2));
    }

    private static Matcher report(Guest guest, String arguments, Duration timeout, Pattern pattern)
            throws GuestException {
        String command = NAME + " " + arguments;
        String output = guest.run(command, timeout);
        Matcher matcher = pattern.matcher(output);
        if (!matcher.matches()) {
            throw new GuestException("\"" + command + "\" printed " + output);
        }
        return matcher;
    }
}
