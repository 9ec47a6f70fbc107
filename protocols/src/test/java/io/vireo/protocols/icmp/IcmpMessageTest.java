package io.vireo.protocols.icmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import org.junit.jupiter.api.Test;

class IcmpMessageTest {
    private final IcmpMessage message = new IcmpMessage();

    private void wrap(String hex) {
        Golden golden = Golden.of(hex);
        assertTrue(message.tryWrap(golden.segment(), golden.offset(), golden.length()));
    }

    @Test
    void readsTheHeader() {
        wrap("0800 4d5a 0001 fe02");
        assertEquals(IcmpMessage.ECHO_REQUEST, message.type());
        assertEquals(0, message.code());
        assertEquals(0x4d5a, message.checksum());
        assertEquals(1, message.identifier());
        assertEquals(0xfe02, message.sequenceNumber());
    }

    @Test
    void tellsEchoRequestsFromOtherMessages() {
        wrap("0800 0000 0000 0000");
        assertTrue(message.isEchoRequest());
        wrap("0000 0000 0000 0000");
        assertFalse(message.isEchoRequest(), "an echo reply");
        wrap("0801 0000 0000 0000");
        assertFalse(message.isEchoRequest(), "an unknown code");
    }

    @Test
    void refusesTruncatedHeaders() {
        Golden golden = Golden.filler(8);
        for (int visible = 0; visible < 8; visible++) {
            assertFalse(message.tryWrap(golden.segment(), golden.offset(), visible));
        }
        assertFalse(message.tryWrap(golden.segment(), golden.segment().byteSize() - 7, 8));
    }
}
