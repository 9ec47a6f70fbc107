package io.vireo.protocols.icmp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Packet;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV4EchoReplyPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;

class IcmpEchoResponderTest {
    private static final String ETHERNET = "020000000001 525400123401 0800";
    private static final String IPV4 = "4500 003c 0001 0000 8001 26bb 0a000005 0a000001";
    /** What Windows' ping sends first; its checksum is well known from captures. */
    private static final String ECHO =
            "0800 4d5a 0001 0001" + "6162636465666768696a6b6c6d6e6f7071727374757677 616263646566676869";

    private final EthernetFrame frame = new EthernetFrame();
    private final Ipv4Packet packet = new Ipv4Packet();
    private final IcmpMessage message = new IcmpMessage();

    /** Responds with only {@code visible} bytes of the frame in sight. */
    private boolean respond(Golden golden, int visible) {
        assertTrue(frame.tryWrap(golden.segment(), golden.offset(), visible));
        assertTrue(packet.tryWrap(golden.segment(), golden.offset() + 14, visible - 14, golden.length() - 14));
        assertTrue(message.tryWrap(golden.segment(), packet.payloadOffset(), packet.visiblePayload()));
        return IcmpEchoResponder.respond(frame, packet, message, Gateway.GATEWAY_MAC);
    }

    @Test
    void answersInPlace() {
        Golden golden = Golden.of(ETHERNET + IPV4 + ECHO);
        assertTrue(respond(golden, golden.length()));
        golden.assertHolds("525400123401 020000000001 0800"
                + "4500 003c 0001 0000 4001 66bb 0a000001 0a000005"
                + ECHO.replace("0800 4d5a", "0000 555a"));
    }

    @Test
    void makesAReplyAnotherCodecAccepts() throws IllegalRawDataException {
        Golden golden = Golden.of(ETHERNET + IPV4 + ECHO);
        assertTrue(respond(golden, golden.length()));
        EthernetPacket ethernet = EthernetPacket.newPacket(golden.bytes(), 0, golden.length());
        assertEquals("02:00:00:00:00:01", ethernet.getHeader().getSrcAddr().toString());
        assertTrue(ethernet.get(IpV4Packet.class).getHeader().hasValidChecksum(false));
        assertTrue(ethernet.get(IcmpV4CommonPacket.class).hasValidChecksum(false));
        assertEquals(1, ethernet.get(IcmpV4EchoReplyPacket.class).getHeader().getSequenceNumberAsInt());
    }

    @Test
    void needsNoMoreThanTheHeaders() {
        Golden golden = Golden.of(ETHERNET + IPV4 + ECHO);
        assertTrue(respond(golden, 14 + 20 + 8));
        assertArrayEquals(
                Golden.bytes("0000 555a"), Arrays.copyOfRange(golden.bytes(), 34, 38), "type and whole checksum");
    }

    @Test
    void leavesAloneWhatItDoesNotAnswer() {
        assertNotAnswered(IPV4, ECHO.replaceFirst("0800", "0000"), "an echo reply");
        assertNotAnswered(IPV4, ECHO.replaceFirst("0800", "0d00"), "a timestamp request");
        assertNotAnswered(IPV4.replaceFirst("0001 0000", "0001 2000"), ECHO, "a first fragment");
        assertNotAnswered(IPV4.replaceFirst("0001 0000", "0001 0001"), ECHO, "a later fragment");
        assertNotAnswered(IPV4.replaceFirst("4500 003c", "4600 0040") + "01010100", ECHO, "IP options");
    }

    private void assertNotAnswered(String ipv4, String echo, String what) {
        Golden golden = Golden.of(ETHERNET + ipv4 + echo);
        assertFalse(respond(golden, golden.length()), what);
        golden.assertHolds(ETHERNET + ipv4 + echo);
    }
}
