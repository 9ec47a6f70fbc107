package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class GhciBufferTest {
    @Test
    void holdsStatusLengthAndPayload() {
        assertArrayEquals(
                Wire.hex("0000000000000000 05000000 68656c6c6f"),
                GhciBuffer.holding(Wire.HELLO).array());
        GhciBuffer buffer = new GhciBuffer(Wire.hex("0103000000000000 02000000 6869 ffff"));
        assertEquals(0x301, buffer.status());
        assertEquals(3, buffer.operation());
        assertEquals(2, buffer.length());
        assertEquals(4, buffer.capacity());
        assertArrayEquals(Wire.hex("6869"), buffer.payload());
    }

    @Test
    void isOf65536BytesAtMost() {
        assertEquals(65_524, new GhciBuffer().capacity());
        assertEquals(65_536, GhciBuffer.holding(new byte[65_524]).array().length);
        assertThrows(IllegalArgumentException.class, () -> GhciBuffer.holding(new byte[65_525]));
        assertThrows(IllegalArgumentException.class, () -> new GhciBuffer(new byte[11]));
        assertEquals(0, new GhciBuffer(new byte[12]).capacity());
    }

    @Test
    void aLengthIsAClaim() {
        assertTrue(new GhciBuffer(Wire.hex("0000000000000000 01000000 68")).payloadFits());
        assertFalse(new GhciBuffer(Wire.hex("0000000000000000 02000000 68")).payloadFits());
        GhciBuffer most = new GhciBuffer(Wire.hex("0000000000000000 ffffffff 68"));
        assertEquals(0xffff_ffffL, most.length());
        assertFalse(most.payloadFits());
    }

    @Test
    void aRequestToStartAMigrationIs56Bytes() {
        MigTdRequest request = MigTdRequest.startMigration(42, true, List.of(1L, 2L, 3L, 4L), 0x1234);
        assertArrayEquals(
                Wire.hex("2a00000000000000 01 00000000000000 0100000000000000 0200000000000000 0300000000000000"
                        + "0400000000000000 3412000000000000"),
                request.payload());
        assertEquals(42, request.migRequestId());
        assertEquals(0x101, request.status());
    }

    @Test
    void aRequestHasAnOperationAndAnIdentifier() {
        assertThrows(IllegalArgumentException.class, () -> new MigTdRequest(0, new byte[8]));
        assertThrows(IllegalArgumentException.class, () -> new MigTdRequest(256, new byte[8]));
        assertThrows(IllegalArgumentException.class, () -> new MigTdRequest(1, new byte[7]));
        assertThrows(IllegalArgumentException.class, () -> new MigTdRequest(1, new byte[65_525]));
        assertThrows(
                IllegalArgumentException.class, () -> MigTdRequest.startMigration(1, true, List.of(1L, 2L, 3L), 0));
    }

    @Test
    void statusCodesAreThoseOfTheInterface() {
        assertEquals(TdVmcallStatus.SUCCESS, TdVmcallStatus.of(0));
        assertEquals(TdVmcallStatus.RETRY, TdVmcallStatus.of(1));
        assertEquals(TdVmcallStatus.INVALID_OPERAND, TdVmcallStatus.of(0x8000_0000_0000_0000L));
        assertEquals(TdVmcallStatus.GPA_IN_USE, TdVmcallStatus.of(0x8000_0000_0000_0001L));
        assertEquals(TdVmcallStatus.ALIGN_ERROR, TdVmcallStatus.of(0x8000_0000_0000_0002L));
        assertEquals(TdVmcallStatus.OTHER, TdVmcallStatus.of(2));
    }

    @Test
    void resultsAreReportedWithTheirReason() {
        assertEquals(0, MigrationResult.SUCCESS.reportStatus());
        assertEquals(0x0501, MigrationResult.NETWORK_ERROR.reportStatus());
        for (int code = 0; code <= 12; code++) {
            MigrationResult result = MigrationResult.of(code);
            assertTrue(result != null && result.code() == code);
        }
        assertNull(MigrationResult.of(13));
        assertNull(MigrationResult.of(-1));
    }
}
