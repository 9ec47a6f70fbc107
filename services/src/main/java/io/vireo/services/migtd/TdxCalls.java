package io.vireo.services.migtd;

import org.jspecify.annotations.Nullable;

/**
 * What a MigTD asks its host (TDG.VP.VMCALL&lt;MigTD&gt;, GHCI 1.5) and the TDX module for. The calls return when what was
 * asked for is done; the buffer then says {@link GhciBuffer#DONE}. A call that fails leaves the buffer as it was.
 *
 * <p>A call announces its end with the interrupt of its vector, if that is not zero. Vectors 1 to 31 belong to the processor:
 * {@link TdVmcallStatus#INVALID_OPERAND}, as a buffer is whose length says more than fits.
 */
public interface TdxCalls {
    /** Bytes of what a report is to contain of its caller's. */
    int REPORT_DATA_SIZE = 64;

    /** Bytes of a TDREPORT_STRUCT. */
    int REPORT_SIZE = 1024;

    /** The emulation if there is a configuration of it, else what the kernel offers. */
    static TdxCalls chosen(@Nullable TcpEmulationConfig emulation, EmulatedVmm vmm) {
        TdxCalls kernel = new NativeTdxCalls();
        return emulation == null ? kernel : TcpTdxCalls.connecting(emulation, vmm, kernel);
    }

    /** Sends the buffer's payload to the other side's MigTD; the buffer's length becomes zero. */
    void migtdSend(long migRequestId, GhciBuffer buffer, int interrupt) throws TdxCallException;

    /** Fills the buffer with what the other side's MigTD sent; a message that does not fit arrives in pieces, one a call. */
    void migtdReceive(long migRequestId, GhciBuffer buffer, int interrupt) throws TdxCallException;

    /**
     * Asks what is to be done. The buffer's payload is what {@link MigTdRequest} says, and its {@link
     * GhciBuffer#operation()} which request it is. While there is nothing to be done the buffer stays as it is, without an
     * interrupt, and the caller asks again.
     */
    void migtdWaitForRequest(GhciBuffer buffer, int interrupt) throws TdxCallException;

    /**
     * Tells the host how a request ended; the payload may say more.
     *
     * @param status bits 0-7 whether the preparation failed, bits 8-15 why ({@link MigrationResult})
     */
    void migtdReportStatus(long migRequestId, long status, GhciBuffer buffer, int interrupt) throws TdxCallException;

    /**
     * A report of the TDX module about this trust domain (TDG.MR.REPORT).
     *
     * @param reportData {@value #REPORT_DATA_SIZE} bytes that the report is to contain
     * @return {@value #REPORT_SIZE} bytes
     */
    byte[] tdReport(byte[] reportData) throws TdxCallException;
}
