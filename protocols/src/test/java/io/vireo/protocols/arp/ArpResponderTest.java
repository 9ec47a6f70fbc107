package io.vireo.protocols.arp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.namednumber.ArpOperation;

class ArpResponderTest {
    private static final int GUEST = 0x0a000005;
    private static final int OTHER_GUEST = 0x0a000006;

    /** 10.0.0.5 at 52:54:00:12:34:01 asks for 169.254.0.1. */
    private static final String REQUEST =
            "ffffffffffff 525400123401 0806" + "0001 0800 06 04 0001 525400123401 0a000005 000000000000 a9fe0001";

    private final ArpResponder responder = new ArpResponder(
            Gateway.GATEWAY_MAC,
            ipv4 -> ipv4 == Gateway.GATEWAY_IPV4_LINK_LOCAL || ipv4 == OTHER_GUEST || ipv4 == GUEST);
    private final EthernetFrame frame = new EthernetFrame();
    private final ArpPacket packet = new ArpPacket();

    private boolean respond(Golden golden) {
        assertTrue(frame.tryWrap(golden.segment(), golden.offset(), golden.length()));
        assertTrue(packet.tryWrap(golden.segment(), golden.offset() + 14, golden.length() - 14));
        return responder.respond(frame, packet, GUEST);
    }

    private void assertNotAnswered(String request, String what) {
        Golden golden = Golden.of(request);
        assertFalse(respond(golden), what);
        golden.assertHolds(request);
    }

    @Test
    void answersForTheGateway() {
        Golden golden = Golden.of(REQUEST);
        assertTrue(respond(golden));
        assertEquals(golden.length(), ArpResponder.REPLY_FRAME_LENGTH);
        golden.assertHolds(
                "525400123401 020000000001 0806" + "0001 0800 06 04 0002 020000000001 a9fe0001 525400123401 0a000005");
    }

    @Test
    void answersForOtherGuestsWithTheGatewaysHardwareAddress() throws IllegalRawDataException {
        Golden golden = Golden.of(REQUEST.replace("a9fe0001", "0a000006"));
        assertTrue(respond(golden));
        var arp = EthernetPacket.newPacket(golden.bytes(), 0, golden.length())
                .get(org.pcap4j.packet.ArpPacket.class)
                .getHeader();
        assertEquals(ArpOperation.REPLY, arp.getOperation());
        assertEquals("02:00:00:00:00:01", arp.getSrcHardwareAddr().toString());
        assertEquals("10.0.0.6", arp.getSrcProtocolAddr().getHostAddress());
        assertEquals("52:54:00:12:34:01", arp.getDstHardwareAddr().toString());
        assertEquals("10.0.0.5", arp.getDstProtocolAddr().getHostAddress());
    }

    @Test
    void leavesPaddingAlone() {
        String padding = "a5".repeat(18);
        Golden golden = Golden.of(REQUEST + padding);
        assertTrue(respond(golden));
        golden.assertHolds("525400123401 020000000001 0806"
                + "0001 0800 06 04 0002 020000000001 a9fe0001 525400123401 0a000005"
                + padding);
    }

    @Test
    void answersAProbeForAnAddressInUse() {
        Golden golden = Golden.of(REQUEST.replace("0a000005", "00000000").replace("a9fe0001", "0a000006"));
        assertTrue(respond(golden));
        golden.assertHolds(
                "525400123401 020000000001 0806" + "0001 0800 06 04 0002 020000000001 0a000006 525400123401 00000000");
    }

    @Test
    void staysSilentWhenTheGuestProbesForItsOwnAddress() {
        assertNotAnswered(REQUEST.replace("0a000005", "00000000").replace("a9fe0001", "0a000005"), "a probe");
    }

    @Test
    void staysSilentWhenTheGuestAsksForItsOwnAddress() {
        assertNotAnswered(REQUEST.replace("0a000005", "0a000006").replace("a9fe0001", "0a000005"), "its own");
    }

    @Test
    void staysSilentOnAnnouncements() {
        assertNotAnswered(REQUEST.replace("a9fe0001", "0a000005"), "its own address");
        assertNotAnswered(REQUEST.replace("0a000005", "a9fe0001"), "the gateway's address, claimed by the guest");
    }

    @Test
    void staysSilentForAddressesItDoesNotAnswerFor() {
        assertNotAnswered(REQUEST.replace("a9fe0001", "0a000007"), "nobody's");
    }

    @Test
    void staysSilentOnAnythingButARequest() {
        assertNotAnswered(REQUEST.replace("04 0001", "04 0002"), "a reply");
        assertNotAnswered(REQUEST.replace("04 0001", "04 0003"), "a RARP request");
    }

    @Test
    void staysSilentWhenTheReplyCouldNotBeUnicast() {
        assertNotAnswered(REQUEST.replace("0001 525400123401", "0001 ffffffffffff"), "a broadcast sender");
    }
}
