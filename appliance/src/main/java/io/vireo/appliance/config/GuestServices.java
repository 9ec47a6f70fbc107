package io.vireo.appliance.config;

import io.vireo.services.migtd.MigTdConfig;
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
public record GuestServices(Optional<Tpm> tpm, OptionalInt enclave, OptionalInt vcomlink, Optional<MigTdConfig> migtd) {
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
}
