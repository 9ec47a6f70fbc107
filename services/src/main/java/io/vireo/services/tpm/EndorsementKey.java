package io.vireo.services.tpm;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import tss.tpm.TPM2B_PUBLIC_KEY_RSA;
import tss.tpm.TPMA_OBJECT;
import tss.tpm.TPMS_NULL_ASYM_SCHEME;
import tss.tpm.TPMS_RSA_PARMS;
import tss.tpm.TPMT_PUBLIC;
import tss.tpm.TPMT_SYM_DEF_OBJECT;
import tss.tpm.TPM_ALG_ID;

/** The endorsement key, where guests' hosts keep it. */
public final class EndorsementKey {
    /** The handle at which it is persistent. */
    public static final int HANDLE = 0x8100_0001;

    /** A real TPM may look for primes for a minute. */
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    /** PolicySecret(TPM_RH_ENDORSEMENT): who has the hierarchy's authorisation may use the key. */
    private static final String POLICY = "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa";

    private static final int KEY_BITS = 2048;
    private static final int DEFAULT_EXPONENT = 0; // 65537
    private static final String NO_SUCH_KEY = "TPM_RC_HANDLE";

    private EndorsementKey() {}

    /** What {@link #provision} has done. */
    public enum Provision {
        CREATED,
        WAS_THERE
    }

    /** Creates the key and makes it persistent, unless there is one at its handle. */
    public static Provision provision(TpmAddress address) throws IOException {
        try (TpmTransport transport = TpmTransport.open(address, TIMEOUT)) {
            TpmCommands commands = new TpmCommands(transport);
            if (isThere(commands)) {
                return Provision.WAS_THERE;
            }
            int key = commands.createEndorsementPrimary(template());
            try {
                commands.makePersistent(key, HANDLE);
            } finally {
                commands.flush(key);
            }
            return Provision.CREATED;
        }
    }

    private static boolean isThere(TpmCommands commands) throws IOException {
        try {
            commands.readPublic(HANDLE);
            return true;
        } catch (TpmException e) {
            if (e.responseCode().equals(NO_SUCH_KEY)) {
                return false;
            }
            throw e;
        }
    }

    /** Template L-1 of the TCG EK Credential Profile (B.3.3): an RSA key of 2048 bits. */
    private static TPMT_PUBLIC template() {
        return new TPMT_PUBLIC(
                TPM_ALG_ID.SHA256,
                new TPMA_OBJECT(
                        TPMA_OBJECT.fixedTPM,
                        TPMA_OBJECT.fixedParent,
                        TPMA_OBJECT.sensitiveDataOrigin,
                        TPMA_OBJECT.adminWithPolicy,
                        TPMA_OBJECT.restricted,
                        TPMA_OBJECT.decrypt),
                HexFormat.of().parseHex(POLICY),
                new TPMS_RSA_PARMS(
                        new TPMT_SYM_DEF_OBJECT(TPM_ALG_ID.AES, 128, TPM_ALG_ID.CFB),
                        new TPMS_NULL_ASYM_SCHEME(),
                        KEY_BITS,
                        DEFAULT_EXPONENT),
                new TPM2B_PUBLIC_KEY_RSA(new byte[KEY_BITS / 8]));
    }
}
