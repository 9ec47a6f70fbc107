package io.vireo.services.vcomlink;

import java.io.IOException;
import java.util.Base64;
import java.util.Map;

/** Channel 2: what guests ask of the host's TPM. */
public final class TpmChannel {
    public static final long NUMBER = 2;
    /** The request for the endorsement key. */
    public static final long GET_EK = 1;

    private TpmChannel() {}

    /** Where the endorsement key comes from. */
    @FunctionalInterface
    public interface EndorsementKeySource {
        /** The public area (TPMT_PUBLIC) as the TPM has it; fails where there is no TPM, or no key in it. */
        byte[] publicArea() throws IOException;
    }

    /** The channel of a host with a TPM. */
    public static VcomLinkChannel of(EndorsementKeySource key) {
        return new RequestChannel(
                NUMBER,
                Map.of(
                        GET_EK,
                        _ -> OutgoingPacket.on(NUMBER)
                                .with("ek", Base64.getEncoder().encodeToString(key.publicArea()))));
    }

    /** That of a host without. */
    public static VcomLinkChannel withoutTpm() {
        return of(() -> {
            throw new IOException("this host has no TPM");
        });
    }
}
