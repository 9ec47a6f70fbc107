package io.vireo.protocols.icmpv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import org.junit.jupiter.api.Test;

class Icmpv6MessageTest {
    private final Icmpv6Message message = new Icmpv6Message();

    private void wrap(String hex) {
        Golden golden = Golden.of(hex);
        assertTrue(message.tryWrap(golden.segment(), golden.offset(), golden.length()));
    }

    @Test
    void readsTheHeader() {
        wrap("8000 4d5a 0001 fe02");
        assertEquals(Icmpv6Message.ECHO_REQUEST, message.type());
        assertEquals(0, message.code());
        assertEquals(0x4d5a, message.checksum());
        assertEquals(1, message.identifier());
        assertEquals(0xfe02, message.sequenceNumber());
    }

    @Test
    void tellsEchoRequestsFromOtherMessages() {
        wrap("8000 0000 0000 0000");
        assertTrue(message.isEchoRequest());
        wrap("8100 0000 0000 0000");
        assertFalse(message.isEchoRequest(), "an echo reply");
        wrap("8001 0000 0000 0000");
        assertFalse(message.isEchoRequest(), "an unknown code");
    }

    @Test
    void sortsTypes() {
        for (int type = 0; type < 256; type++) {
            assertEquals(type < 128, Icmpv6Message.isError(type));
            assertEquals(type >= 133 && type <= 137, Icmpv6Message.isNeighborDiscovery(type));
            boolean listener = (type >= 130 && type <= 132) || type == 143;
            assertEquals(listener, Icmpv6Message.isMulticastListenerDiscovery(type));
        }
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
