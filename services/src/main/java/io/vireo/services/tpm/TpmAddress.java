package io.vireo.services.tpm;

import java.nio.file.Path;

/** Where a TPM takes commands. */
public sealed interface TpmAddress {
    Path path();

    /** An emulator's Unix socket, as swtpm's, on which commands and responses go without any framing. */
    static TpmAddress unix(Path path) {
        return new Unix(path);
    }

    /** The kernel's character device: {@code /dev/tpmrm0}, or {@code /dev/tpm0}, which one process may have open. */
    static TpmAddress device(Path path) {
        return new Device(path);
    }

    record Unix(Path path) implements TpmAddress {}

    record Device(Path path) implements TpmAddress {}
}
