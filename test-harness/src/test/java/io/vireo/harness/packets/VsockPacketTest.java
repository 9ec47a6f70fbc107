package io.vireo.harness.packets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VsockPacketTest {
    /** REQUEST from 33:40001 to 2:1234, and five bytes that follow it. */
    private static final String REQUEST =
            "21000000000000000200000000000000419c0000d204000000000000" + "01000100000000000000040000000000";

    @Test
    void requestIsWrittenAndReadAsOnTheWire() {
        VsockPacket request = VsockPacket.of(33, 40_001, 2, 1234, VsockPacket.REQUEST);
        assertEquals(REQUEST, Octets.of(request.bytes()).hex());
        assertEquals(Optional.of(request), VsockPacket.parse(request.bytes()));
    }

    @Test
    void eachFieldHasItsPlace() {
        VsockPacket packet = new VsockPacket(Octets.of(new byte[VsockPacket.HEADER_LENGTH]), Octets.NONE);
        long value = 0x0102_0304_0506_0708L;
        for (VsockField field : VsockField.values()) {
            packet = packet.with(field, value++);
        }
        assertEquals(
                "0807060504030201" + "0907060504030201" + "0a070605" + "0b070605" + "0c070605" + "0d07" + "0e07"
                        + "0f070605" + "10070605" + "11070605",
                Octets.of(packet.bytes()).hex());
        assertEquals(0x0102_0304_0506_0709L, packet.get(VsockField.DST_CID));
        assertEquals(0x0506_0711, packet.get(VsockField.FWD_CNT));
    }

    @Test
    void payloadMustBeWhatTheHeaderSays() {
        VsockPacket packet =
                VsockPacket.of(33, 1, 2, 2, VsockPacket.RW).withPayload("hello".getBytes(StandardCharsets.UTF_8));
        byte[] bytes = packet.bytes();
        assertEquals(Optional.of(packet), VsockPacket.parse(bytes));
        for (int length = 0; length < bytes.length; length++) {
            assertEquals(Optional.empty(), VsockPacket.parse(Arrays.copyOf(bytes, length)));
        }
        assertEquals(Optional.empty(), VsockPacket.parse(Arrays.copyOf(bytes, bytes.length + 1)));
        byte[] payload = packet.payload().toBytes();
        assertArrayEquals(payload, Arrays.copyOfRange(bytes, VsockPacket.HEADER_LENGTH, bytes.length));
    }
}
