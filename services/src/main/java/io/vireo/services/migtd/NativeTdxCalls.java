package io.vireo.services.migtd;

import io.vireo.linux.LinuxException;
import io.vireo.linux.TdxGuest;
import java.nio.file.Path;

/**
 * The calls that Linux lets a program of a trust domain make: a report, by /dev/tdx_guest. Those of migration are left to
 * kernels, and to MigTD, which has none.
 */
public final class NativeTdxCalls implements TdxCalls {
    private final Path device;

    public NativeTdxCalls() {
        this(TdxGuest.DEVICE);
    }

    NativeTdxCalls(Path device) {
        this.device = device;
    }

    @Override
    public void migtdSend(long migRequestId, GhciBuffer buffer, int interrupt) throws TdxCallException {
        throw kernelsOnly("MigTD.Send");
    }

    @Override
    public void migtdReceive(long migRequestId, GhciBuffer buffer, int interrupt) throws TdxCallException {
        throw kernelsOnly("MigTD.Receive");
    }

    @Override
    public void migtdWaitForRequest(GhciBuffer buffer, int interrupt) throws TdxCallException {
        throw kernelsOnly("MigTD.WaitForRequest");
    }

    @Override
    public void migtdReportStatus(long migRequestId, long status, GhciBuffer buffer, int interrupt)
            throws TdxCallException {
        throw kernelsOnly("MigTD.ReportStatus");
    }

    @Override
    public byte[] tdReport(byte[] reportData) throws TdxCallException {
        if (reportData.length != REPORT_DATA_SIZE) {
            throw new TdxCallException(
                    TdVmcallStatus.INVALID_OPERAND, "report data of " + reportData.length + " bytes");
        }
        try (TdxGuest guest = TdxGuest.open(device)) {
            return guest.report(reportData);
        } catch (LinuxException e) {
            throw new TdxCallException(
                    TdVmcallStatus.OTHER,
                    "no report: " + e.getMessage()
                            + " (only a TDX guest whose kernel has CONFIG_TDX_GUEST_DRIVER can make one)",
                    e);
        }
    }

    private static TdxCallException kernelsOnly(String call) {
        return new TdxCallException(
                TdVmcallStatus.OTHER,
                call + " is a call of kernels, which Linux offers no program; the emulation over TCP has it");
    }
}
