package io.vireo.protocols.ndp;

import static io.vireo.protocols.icmpv6.Icmpv6Frames.ALL_NODES;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GATEWAY;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GLOBAL_GATEWAY;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GUEST;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.SOLICITED_NODE;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.UNSPECIFIED;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.frame;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.summed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6Frames;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IcmpV6NeighborAdvertisementPacket;
import org.pcap4j.packet.IpV6NeighborDiscoveryTargetLinkLayerAddressOption;

class NdpResponderTest {
    private static final String OPTION = "0101525400123401";
    private static final String GATEWAY_OPTION = "0201020000000001";
    private static final String REPLY_HEADERS = "525400123401 020000000001 86dd 60000000 0020 3a ff";

    private final NdpResponder responder = new NdpResponder(
            Gateway.GATEWAY_MAC,
            (high, low) -> low == 1 && (high == 0xfe80_0000_0000_0000L || high == 0x2001_0db8_0001_0000L));
    private final EthernetFrame ethernet = new EthernetFrame();
    private final Ipv6Packet packet = new Ipv6Packet();
    private final NeighborSolicitation solicitation = new NeighborSolicitation();

    /** The solicitation with room behind it, as it stands in a batch's slot. */
    private static Golden slot(String request) {
        byte[] bytes = Golden.bytes(request);
        byte[] slot = Arrays.copyOf(bytes, Math.max(bytes.length, NdpResponder.REPLY_FRAME_LENGTH));
        return Golden.of(slot);
    }

    private boolean respond(Golden golden, String request) {
        int length = Golden.bytes(request).length;
        assertTrue(ethernet.tryWrap(golden.segment(), golden.offset(), length));
        assertTrue(packet.tryWrap(golden.segment(), golden.offset() + 14, length - 14, length - 14));
        assertTrue(solicitation.tryWrap(golden.segment(), packet));
        return responder.respond(golden.segment(), golden.offset(), ethernet, packet, solicitation);
    }

    private byte[] reply(String request) {
        Golden golden = slot(request);
        assertTrue(respond(golden, request));
        golden.assertMarginsUntouched();
        return Arrays.copyOf(golden.bytes(), NdpResponder.REPLY_FRAME_LENGTH);
    }

    private static void assertHolds(String expected, byte[] frame) {
        Golden.of(frame).assertHolds(expected);
    }

    @Test
    void answersForTheLinkLocalAddress() {
        String request = frame(GUEST, SOLICITED_NODE, 255, "8700 72cc 00000000" + GATEWAY + OPTION);
        assertHolds(REPLY_HEADERS + GATEWAY + GUEST + "8800 14b6 e0000000" + GATEWAY + GATEWAY_OPTION, reply(request));
    }

    @Test
    void answersForTheNetworksAddress() {
        String request = frame(GUEST, SOLICITED_NODE, 255, "8700 4393 00000000" + GLOBAL_GATEWAY + OPTION);
        assertHolds(
                REPLY_HEADERS + GLOBAL_GATEWAY + GUEST + "8800 b643 e0000000" + GLOBAL_GATEWAY + GATEWAY_OPTION,
                reply(request));
    }

    @Test
    void answersWithAnOptionThatTheQuestionLacked() {
        String request = frame(GUEST, GATEWAY, 255, "8700 f9c0 00000000" + GATEWAY);
        assertHolds(REPLY_HEADERS + GATEWAY + GUEST + "8800 14b6 e0000000" + GATEWAY + GATEWAY_OPTION, reply(request));
    }

    @Test
    void tellsAllNodesThatAnAddressIsTaken() {
        String request = frame(UNSPECIFIED, SOLICITED_NODE, 255, "8700 7c25 00000000" + GATEWAY);
        assertHolds(
                "333300000001 020000000001 86dd 60000000 0020 3a ff"
                        + GATEWAY
                        + ALL_NODES
                        + "8800 d79a a0000000"
                        + GATEWAY
                        + GATEWAY_OPTION,
                reply(request));
    }

    @Test
    void forgetsTheQuestionsOptionsAndFlowLabel() {
        String message = "8700 0000 00000000" + GATEWAY + "0e01a1a2a3a4a5a6" + OPTION;
        String request = summed(GUEST, SOLICITED_NODE, 255, message).replace("60000000", "6ff12345");
        assertHolds(REPLY_HEADERS + GATEWAY + GUEST + "8800 14b6 e0000000" + GATEWAY + GATEWAY_OPTION, reply(request));
    }

    @Test
    void makesAnAdvertisementAnotherCodecAccepts() throws Exception {
        byte[] reply = reply(frame(GUEST, SOLICITED_NODE, 255, "8700 72cc 00000000" + GATEWAY + OPTION));
        IcmpV6NeighborAdvertisementPacket.IcmpV6NeighborAdvertisementHeader header = Icmpv6Frames.judge(reply)
                .get(IcmpV6NeighborAdvertisementPacket.class)
                .getHeader();
        assertTrue(header.getRouterFlag() && header.getSolicitedFlag() && header.getOverrideFlag());
        assertEquals(InetAddress.getByName("fe80::1"), header.getTargetAddress());
        IpV6NeighborDiscoveryTargetLinkLayerAddressOption option = (IpV6NeighborDiscoveryTargetLinkLayerAddressOption)
                header.getOptions().get(0);
        assertEquals(
                "02:00:00:00:00:01", option.getLinkLayerAddressAsMacAddress().toString());
    }

    @Test
    void staysSilentForAddressesThatAreNotTheGateways() {
        for (String target : new String[] {GUEST, "20010db8000100000000000000000002"}) {
            String request = summed(GUEST, SOLICITED_NODE, 255, "8700 0000 00000000" + target + OPTION);
            Golden golden = slot(request);
            assertFalse(respond(golden, request), target);
            golden.assertHolds(request);
        }
    }
}
