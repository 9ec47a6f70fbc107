package io.vireo.appliance.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What guests that have vsock are served, each on a port of its own, unsigned.
 *
 * @param tpm where the host's TPM is; empty: it has none, and VComLink says so
 * @param enclave the port of enclave messages; empty: they are not served
 * @param vcomlink the port of VComLink; empty: it is not served
 * @param migtd empty: nothing is relayed
 */
public record GuestServices(Optional<Tpm> tpm, OptionalInt enclave, OptionalInt vcomlink, Optional<MigTd> migtd) {
    public static final GuestServices NONE =
            new GuestServices(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

    static final int ENCLAVE_PORT = 5000;
    static final int VCOMLINK_PORT = 2000;
    static final int MIGTD_PORT = 1235;

    /** A TPM, which need not be there at the start. */
    public sealed interface Tpm {
        /** Absolute. */
        Path path();
    }

    /** That of an emulator, which listens on a Unix socket. */
    public record UnixTpm(Path path) implements Tpm {}

    /** The kernel's, as a device file. */
    public record DeviceTpm(Path path) implements Tpm {}

    /** How messages are told apart on TCP. */
    public enum Framing {
        NATIVE,
        SEED
    }

    /**
     * A relay between guests and a TCP peer; it connects, listens or does both.
     *
     * @param port of the guest's connections to the host, and of those to the guest
     * @param connect where connections of guests lead; not resolved
     * @param listen where peers connect; not resolved
     * @param guest the only one that is relayed; empty: all are, of which with {@code listen} there is one
     */
    public record MigTd(
            int port,
            Optional<InetSocketAddress> connect,
            Optional<InetSocketAddress> listen,
            Framing framing,
            Optional<String> guest) {}
}
