package io.vireo.protocols.icmpv6;

import static io.vireo.protocols.icmpv6.Icmpv6Frames.ALL_NODES;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GATEWAY;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GUEST;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.UNSPECIFIED;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.frame;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.summed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IcmpV6EchoReplyPacket;
import org.pcap4j.packet.IllegalRawDataException;

class Icmpv6EchoResponderTest {
    private static final String REQUEST = "8000 6db3 0001 0001 6162636465666768";
    private static final String REPLY = "525400123401 020000000001 86dd 60000000 0010 3a 40"
            + GATEWAY
            + GUEST
            + "8100 6cb3 0001 0001 6162636465666768";

    private final EthernetFrame ethernet = new EthernetFrame();
    private final Ipv6Packet packet = new Ipv6Packet();
    private final Icmpv6Message message = new Icmpv6Message();

    /** Responds with only {@code visible} bytes of the frame in sight. */
    private boolean respond(Golden golden, int visible) {
        assertTrue(ethernet.tryWrap(golden.segment(), golden.offset(), visible));
        assertTrue(packet.tryWrap(golden.segment(), golden.offset() + 14, visible - 14, golden.length() - 14));
        assertTrue(message.tryWrap(golden.segment(), packet.payloadOffset(), packet.visiblePayload()));
        return Icmpv6EchoResponder.respond(ethernet, packet, message, Gateway.GATEWAY_MAC);
    }

    @Test
    void answersInPlace() {
        Golden golden = Golden.of(frame(GUEST, GATEWAY, 255, REQUEST));
        assertTrue(respond(golden, golden.length()));
        golden.assertHolds(REPLY);
    }

    @Test
    void answersAGroupFromItsLinkLocalAddress() {
        Golden golden = Golden.of(frame(GUEST, ALL_NODES, 1, "8000 6d31 0001 0001 6162636465666768"));
        assertTrue(respond(golden, golden.length()));
        golden.assertHolds(REPLY);
    }

    @Test
    void makesAReplyAnotherCodecAccepts() throws IllegalRawDataException {
        for (String destination : new String[] {GATEWAY, ALL_NODES, Icmpv6Frames.ALL_ROUTERS}) {
            Golden golden = Golden.of(summed(GUEST, destination, 64, "8000 0000 1234 0002 ffff00fe80ff"));
            assertTrue(respond(golden, golden.length()));
            assertEquals(
                    2,
                    Icmpv6Frames.judge(golden.bytes())
                            .get(IcmpV6EchoReplyPacket.class)
                            .getHeader()
                            .getSequenceNumberAsInt());
        }
    }

    @Test
    void needsNoMoreThanTheHeaders() {
        Golden golden = Golden.of(frame(GUEST, GATEWAY, 255, REQUEST));
        assertTrue(respond(golden, 14 + 40 + 8));
        assertArrayEquals(
                Golden.bytes("8100 6cb3"), Arrays.copyOfRange(golden.bytes(), 54, 58), "type and whole checksum");
    }

    @Test
    void leavesADamagedRequestDamaged() {
        Golden golden = Golden.of(frame(GUEST, GATEWAY, 255, REQUEST.replace("6db3", "6db4")));
        assertTrue(respond(golden, golden.length()));
        golden.assertHolds(REPLY.replace("6cb3", "6cb4"));
    }

    @Test
    void leavesAloneWhatItDoesNotAnswer() {
        assertNotAnswered(frame(GUEST, GATEWAY, 255, REQUEST.replace("8000", "8100")), "an echo reply");
        assertNotAnswered(frame(GUEST, GATEWAY, 255, REQUEST.replace("8000", "8700")), "a solicitation");
        assertNotAnswered(frame(UNSPECIFIED, GATEWAY, 255, REQUEST), "from nobody");
        assertNotAnswered(frame(ALL_NODES, GATEWAY, 255, REQUEST), "from a group");
        assertNotAnswered(frame(GUEST, GATEWAY, 255, REQUEST).replace("3a ff", "2c ff"), "a fragment");
    }

    private void assertNotAnswered(String request, String what) {
        Golden golden = Golden.of(request);
        assertFalse(respond(golden, golden.length()), what);
        golden.assertHolds(request);
    }
}
