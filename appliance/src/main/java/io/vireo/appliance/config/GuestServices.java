package io.vireo.appliance.config;

import io.vireo.services.migtd.MigTdConfig;
import io.vireo.services.tpm.TpmAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What guests that have vsock are served, each on a port of its own, unsigned.
 *
 * @param tpm where the host's TPM is, which need not be there at the start; empty: it has none, and VComLink says so
 * @param enclave the port of enclave messages; empty: they are not served
 * @param vcomlink the port of VComLink; empty: it is not served
 * @param migtd empty: nothing is relayed
 */
public record GuestServices(
        Optional<TpmAddress> tpm, OptionalInt enclave, OptionalInt vcomlink, Optional<MigTdConfig> migtd) {
    public static final GuestServices NONE =
            new GuestServices(Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

    static final int ENCLAVE_PORT = 5000;
    static final int VCOMLINK_PORT = 2000;
    static final int MIGTD_PORT = 1235;
}
