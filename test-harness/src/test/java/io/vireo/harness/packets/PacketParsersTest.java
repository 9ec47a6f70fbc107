package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.packet.namednumber.ArpOperation;

/** What the parsers make of replies that pcap4j has built. */
class PacketParsersTest {
    private static final String MASK = "0104ffffffff";
    private static final String END = "ff";
    private static final DhcpEnvelope ENVELOPE = new DhcpEnvelope(
            ip("169.254.0.1"),
            ip("10.0.0.5"),
            mac("52:54:00:12:34:01"),
            ip("0.0.0.0"),
            ip("10.0.0.1"),
            "",
            "",
            false,
            310);

    @Test
    void arpReplyIsRead() {
        assertEquals(
                Optional.of(new ArpReply(
                        mac("02:00:00:00:00:01"), ip("169.254.0.1"), mac("52:54:00:12:34:01"), ip("10.0.0.5"))),
                Packets.parseArpReply(PcapFrames.arp(ArpOperation.REPLY)));
    }

    @Test
    void arpRequestIsNoReply() {
        assertTrue(Packets.parseArpReply(PcapFrames.arp(ArpOperation.REQUEST)).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 18, 1472})
    void echoReplyIsReadWithoutThePaddingOfItsFrame(int length) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xA5);
        IcmpEchoReply reply = Packets.parseIcmpEchoReply(PcapFrames.echoReply(0xFEDC, 0x8001, payload))
                .orElseThrow();
        assertEquals(ip("169.254.0.1"), reply.srcIp());
        assertEquals(ip("10.0.0.5"), reply.dstIp());
        assertEquals(0xFEDC, reply.identifier());
        assertEquals(0x8001, reply.sequence());
        assertEquals(PcapFrames.TTL, reply.ttl());
        assertArrayEquals(payload, reply.payload());
    }

    @Test
    void echoRequestIsNoReply() {
        byte[] request = Packets.createIcmpEchoRequest(
                mac("52:54:00:12:34:01"), mac("02:00:00:00:00:01"), ip("10.0.0.5"), ip("169.254.0.1"), 1);
        assertTrue(Packets.parseIcmpEchoReply(request).isEmpty());
    }

    @Test
    void dhcpAckIsReadWithAllItsOptions() {
        DhcpResponse ack = Packets.parseDhcpResponse(dhcp("350105" + "3604a9fe0001" + MASK + "0304a9fe0001"
                        + "060801010101" + "08080808" + "330400015180" + "1a0205dc" + "3a040000a8c0" + "3b0400012750"
                        + "790e" + "20a9fe0001" + "00000000" + "00" + "a9fe0001" + END))
                .orElseThrow();
        assertEquals(
                new DhcpResponse(
                        DhcpMessageType.ACK,
                        0x89ABCDEF,
                        ip("10.0.0.5"),
                        ip("169.254.0.1"),
                        Optional.of(ip("255.255.255.255")),
                        Optional.of(ip("169.254.0.1")),
                        List.of(ip("1.1.1.1"), ip("8.8.8.8")),
                        OptionalLong.of(86400),
                        OptionalInt.of(1500),
                        OptionalLong.of(43200),
                        OptionalLong.of(75600),
                        List.of(
                                new ClasslessRoute(ip("169.254.0.1"), 32, ip("0.0.0.0")),
                                new ClasslessRoute(ip("0.0.0.0"), 0, ip("169.254.0.1"))),
                        ENVELOPE,
                        ack.options()),
                ack);
    }

    @Test
    void dhcpOfferWithoutOptionsNamesItsServerInSiaddr() {
        DhcpResponse offer = Packets.parseDhcpResponse(dhcp("0000350102" + END)).orElseThrow();
        assertEquals(DhcpMessageType.OFFER, offer.msgType());
        assertEquals(ip("10.0.0.1"), offer.serverIp());
        assertEquals(OptionalLong.empty(), offer.leaseTime());
        assertEquals(List.of(), offer.dnsServers());
    }

    @Test
    void optionThatAppearsTwiceContinues() {
        DhcpResponse ack = Packets.parseDhcpResponse(dhcp("350105" + "7905" + "18c0a80100" + "7903" + "ff0001" + END))
                .orElseThrow();
        assertEquals(List.of(new ClasslessRoute(ip("192.168.1.0"), 24, ip("0.255.0.1"))), ack.classlessRoutes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                END, // no message type
                "350101" + END, // a client's message type
                "350105", // no end option
                "350105" + "36", // no length
                "350105" + "3604a9fe00", // cut short
                "350105" + "0103ffffff" + END, // a mask of three bytes
                "350105" + "0600" + END, // no name server
                "350105" + "790521a9fe0001" + END, // a prefix of 33 bits
                "350105" + "790420a9fe00" + END, // half a route
            })
    void malformedDhcpOptionsAreNoResponse(String options) {
        assertTrue(Packets.parseDhcpResponse(dhcp(options)).isEmpty());
    }

    @Test
    void replyWithAnyBitFlippedBehindTheEthernetHeaderIsNotRead() {
        byte[] echo = PcapFrames.echoReply(1, 2, HexFormat.of().parseHex("a5".repeat(32)));
        Mutations.assertEachFlipIsNoticed(echo, Packets::parseIcmpEchoReply);
        Mutations.assertEachFlipIsNoticed(dhcp("350105" + MASK + END), Packets::parseDhcpResponse);
    }

    @Test
    void datagramWithoutChecksumIsNotRead() {
        byte[] frame = dhcp("350105" + MASK + END);
        ByteBuffer.wrap(frame).putShort(12 + 14 + 20 + 6, (short) 0);
        assertTrue(Packets.parseDhcpResponse(frame).isEmpty());
    }

    @Test
    void frameCutShortIsNotRead() {
        byte[] arp = Arrays.copyOf(PcapFrames.arp(ArpOperation.REPLY), 12 + 14 + 28);
        Mutations.assertCutShortIsNotRead(arp, Packets::parseArpReply);
        Mutations.assertCutShortIsNotRead(PcapFrames.echoReply(1, 2, new byte[32]), Packets::parseIcmpEchoReply);
        Mutations.assertCutShortIsNotRead(dhcp("350105" + MASK + END), Packets::parseDhcpResponse);
    }

    @Test
    void randomOptionsNeverThrow() {
        Random random = new Random(42);
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] options = new byte[random.nextInt(40)];
            random.nextBytes(options);
            String text = "350105" + HexFormat.of().formatHex(options) + END;
            read += Packets.parseDhcpResponse(dhcp(text)).isPresent() ? 1 : 0;
        }
        assertTrue(read > 0 && read < 5_000, read + " were well formed");
    }

    /** An answer for 10.0.0.5 from siaddr 10.0.0.1 with these options, from port 67 to 68. */
    private static byte[] dhcp(String options) {
        String message = "02010600" + "89abcdef" + "00000000" + "00000000" + "0a000005" + "0a000001" + "00000000"
                + "525400123401" + "00".repeat(10 + 64 + 128) + "63825363" + options;
        return PcapFrames.udp(67, 68, HexFormat.of().parseHex(message));
    }
}
