package io.vireo.services.tpm;

import java.io.IOException;

/** A command that the TPM has refused. */
public final class TpmException extends IOException {
    private static final long serialVersionUID = 1;

    private final String responseCode;

    TpmException(String command, String responseCode) {
        super(command + ": " + responseCode);
        this.responseCode = responseCode;
    }

    /** As the TPM 2.0 Library, part 2, 6.6.3 names it: {@code TPM_RC_HANDLE}; a number for one that it does not know. */
    public String responseCode() {
        return responseCode;
    }
}
