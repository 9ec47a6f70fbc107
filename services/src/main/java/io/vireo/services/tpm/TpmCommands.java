package io.vireo.services.tpm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.Function;
import tss.Tpm;
import tss.tpm.CreatePrimaryResponse;
import tss.tpm.TPMS_PCR_SELECTION;
import tss.tpm.TPMS_SENSITIVE_CREATE;
import tss.tpm.TPMT_PUBLIC;
import tss.tpm.TPM_HANDLE;
import tss.tpm.TPM_RC;

/**
 * Commands to a TPM by way of one transport, which is the caller's, by one thread. The hierarchies' authorisations are empty.
 * Each fails with a {@link TpmException} if the TPM refuses, and else with an {@link IOException}.
 */
final class TpmCommands {
    /** Which the library calls by another name, of the same number. */
    private static final int TPM_RC_INITIALIZE = 0x100;

    private final Tpm tpm = new Tpm();
    private final TransportDevice device;

    TpmCommands(TpmTransport transport) {
        device = new TransportDevice(transport);
        tpm._setDevice(device);
    }

    /**
     * The public area of a key: TPMT_PUBLIC, without the size that precedes it in the response. It is as the TPM sent it:
     * the library would read a response that is too short without noticing.
     */
    byte[] readPublic(int handle) throws IOException {
        run("TPM2_ReadPublic", its -> its.ReadPublic(new TPM_HANDLE(handle)));
        ByteBuffer response = device.parametersOfResponse();
        byte[] area = sized(response);
        sized(response); // name
        sized(response); // qualified name
        if (response.hasRemaining()) {
            throw new IOException("TPM2_ReadPublic: the TPM's response is too long");
        }
        return area;
    }

    /** What stands behind a size of two bytes (TPM2B). */
    private static byte[] sized(ByteBuffer response) throws IOException {
        int left = response.remaining() - Short.BYTES;
        int size = left < 0 ? -1 : Short.toUnsignedInt(response.getShort());
        if (size < 1 || size > left) {
            throw new IOException("TPM2_ReadPublic: the TPM's response is too short");
        }
        byte[] bytes = new byte[size];
        response.get(bytes);
        return bytes;
    }

    /** Makes the key of the endorsement hierarchy that follows from a template; returns its transient handle. */
    int createEndorsementPrimary(TPMT_PUBLIC template) throws IOException {
        TPM_HANDLE hierarchy = TPM_HANDLE.ENDORSEMENT;
        TPMS_SENSITIVE_CREATE secret = new TPMS_SENSITIVE_CREATE(new byte[0], new byte[0]);
        return run("TPM2_CreatePrimary", its -> {
            CreatePrimaryResponse made =
                    its.CreatePrimary(hierarchy, secret, template, new byte[0], new TPMS_PCR_SELECTION[0]);
            return made.handle.handle;
        });
    }

    /** Keeps a transient key for ever, at a handle of the owner's. */
    void makePersistent(int transientHandle, int persistentHandle) throws IOException {
        run("TPM2_EvictControl", its -> {
            its.EvictControl(TPM_HANDLE.OWNER, new TPM_HANDLE(transientHandle), new TPM_HANDLE(persistentHandle));
            return persistentHandle;
        });
    }

    /** Forgets a transient key. */
    void flush(int transientHandle) throws IOException {
        run("TPM2_FlushContext", its -> {
            its.FlushContext(new TPM_HANDLE(transientHandle));
            return transientHandle;
        });
    }

    private <T> T run(String name, Function<Tpm, T> command) throws IOException {
        T result;
        device.begin();
        try {
            // Otherwise it prints errors. An error's response has no content, so that looking into it may fail.
            result = command.apply(tpm._allowErrors());
        } catch (UncheckedIOException e) {
            throw new IOException(name + ": " + reason(e), e);
        } catch (RuntimeException e) {
            requireSuccess(name);
            throw new IOException(name + ": the TPM's response cannot be read", e);
        }
        requireSuccess(name);
        return result;
    }

    /** Of an exception that wraps another. */
    static String reason(Exception e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    private void requireSuccess(String name) throws TpmException {
        TPM_RC code = tpm._getLastResponseCode();
        if (code != null && code.toInt() != TPM_RC.SUCCESS.toInt()) {
            throw new TpmException(name, "TPM_RC_" + (code.toInt() == TPM_RC_INITIALIZE ? "INITIALIZE" : code.name()));
        }
    }
}
