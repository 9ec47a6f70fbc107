package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NativeTdxCallsTest {
    private static final byte[] REPORT_DATA = new byte[TdxCalls.REPORT_DATA_SIZE];

    @Test
    void saysWhatIsMissingWhereThereIsNoTrustDomain() {
        TdxCalls calls = new NativeTdxCalls(Path.of("/nowhere/tdx_guest"));
        TdxCallException missing = assertThrows(TdxCallException.class, () -> calls.tdReport(REPORT_DATA));
        assertEquals(TdVmcallStatus.OTHER, missing.status());
        assertEquals(
                "no report: open of /nowhere/tdx_guest: ENOENT "
                        + "(only a TDX guest whose kernel has CONFIG_TDX_GUEST_DRIVER can make one)",
                missing.getMessage());
    }

    @Test
    void refusesReportDataOfAnotherSize() {
        TdxCalls calls = new NativeTdxCalls(Path.of("/nowhere/tdx_guest"));
        for (int size : new int[] {0, 63, 65}) {
            assertEquals(
                    TdVmcallStatus.INVALID_OPERAND,
                    assertThrows(TdxCallException.class, () -> calls.tdReport(new byte[size]))
                            .status());
        }
    }

    @Test
    void leavesMigrationToKernels() {
        TdxCalls calls = new NativeTdxCalls();
        for (Executable call : new Executable[] {
            () -> calls.migtdSend(1, new GhciBuffer(), 0),
            () -> calls.migtdReceive(1, new GhciBuffer(), 0),
            () -> calls.migtdWaitForRequest(new GhciBuffer(), 0),
            () -> calls.migtdReportStatus(1, 0, new GhciBuffer(), 0)
        }) {
            TdxCallException refused = assertThrows(TdxCallException.class, call);
            assertEquals(TdVmcallStatus.OTHER, refused.status());
        }
    }
}
