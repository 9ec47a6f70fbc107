package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip;
import static io.vireo.harness.packets.Packets.ip6;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.packet.IcmpV6EchoReplyPacket;
import org.pcap4j.packet.UnknownPacket;

/** What the parsers make of errors, and of ICMPv6 echo replies, in packets that pcap4j has built. */
class IcmpErrorsTest {
    private static final Mac VM = mac("52:54:00:12:34:01");

    @Test
    void fragmentationNeededTellsTheMtuAndQuotesThePacket() {
        byte[] quote = ipv4Packet(1472, 548);
        byte[] frame = PcapFrames.icmp(3, 4, body(1400, quote));
        assertEquals(
                new IcmpError(ip("169.254.0.1"), ip("10.0.0.5"), PcapFrames.TTL, 3, 4, 1400, Octets.of(quote)),
                Packets.parseIcmpError(frame).orElseThrow());
        Mutations.assertEachFlipIsNoticed(frame, Packets::parseIcmpError);
        Mutations.assertCutShortIsNotRead(frame, Packets::parseIcmpError);
    }

    @Test
    void packetTooBigTellsTheMtuAndQuotesThePacket() {
        byte[] quote = ipv6Packet(1452, 1232);
        byte[] frame = PcapFrames.icmpv6(2, 0, body(0x1_0578, quote));
        IcmpError error = Packets.parseIcmpv6Error(frame).orElseThrow();
        assertEquals(new IcmpError(ip6("fe80::1"), PcapFrames.VM_IPV6, 255, 2, 0, 0x1_0578, Octets.of(quote)), error);
        assertEquals(0x1_0578, error.mtu());
        Mutations.assertEachFlipIsNoticed(frame, Packets::parseIcmpv6Error);
        Mutations.assertCutShortIsNotRead(frame, Packets::parseIcmpv6Error);
    }

    @Test
    void mtuOfIpv4HasSixteenBits() {
        IcmpError error = Packets.parseIcmpError(PcapFrames.icmp(3, 4, body(0xABCD_0578, ipv4Packet(0, 28))))
                .orElseThrow();
        assertEquals(0xABCD_0578L, error.rest());
        assertEquals(0x578, error.mtu());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 19, 27, 549})
    void ipv4QuoteOfAnyOtherLengthIsNoError(int length) {
        assertTrue(Packets.parseIcmpError(PcapFrames.icmp(11, 0, body(0, ipv4Packet(1472, length))))
                .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 39, 1233})
    void ipv6QuoteOfAnyOtherLengthIsNoError(int length) {
        assertTrue(Packets.parseIcmpv6Error(PcapFrames.icmpv6(3, 0, body(0, ipv6Packet(1452, length))))
                .isEmpty());
    }

    @Test
    void paddingOfAFrameIsNothingToQuote() {
        byte[] padded = Arrays.copyOf(ipv4Packet(0, 28), 46);
        assertTrue(
                Packets.parseIcmpError(PcapFrames.icmp(11, 0, body(0, padded))).isEmpty());
        byte[] packet = Arrays.copyOf(ipv6Packet(0, 48), 60);
        assertTrue(Packets.parseIcmpv6Error(PcapFrames.icmpv6(3, 0, body(0, packet)))
                .isEmpty());
    }

    @Test
    void quoteOfTheOtherFamilyIsNoError() {
        assertTrue(Packets.parseIcmpError(PcapFrames.icmp(11, 0, body(0, ipv6Packet(0, 48))))
                .isEmpty());
        assertTrue(Packets.parseIcmpv6Error(PcapFrames.icmpv6(3, 0, body(0, ipv4Packet(20, 48))))
                .isEmpty());
    }

    @Test
    void otherMessagesAreNoErrors() {
        for (int type : new int[] {0, 4, 5, 8, 13}) {
            assertTrue(Packets.parseIcmpError(PcapFrames.icmp(type, 0, body(0, ipv4Packet(0, 28))))
                    .isEmpty());
        }
        for (int type : new int[] {0, 5, 128, 129, 134, 137}) {
            assertTrue(Packets.parseIcmpv6Error(PcapFrames.icmpv6(type, 0, body(0, ipv6Packet(0, 48))))
                    .isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 18, 1452})
    void icmpv6EchoReplyIsRead(int length) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xA5);
        byte[] frame = PcapFrames.icmpv6(
                PcapFrames.GATEWAY_IPV6,
                PcapFrames.VM_IPV6,
                7,
                129,
                0,
                new IcmpV6EchoReplyPacket.Builder()
                        .identifier((short) 0xFEDC)
                        .sequenceNumber((short) 0x8001)
                        .payloadBuilder(new UnknownPacket.Builder().rawData(payload)));
        Icmpv6EchoReply reply = Packets.parseIcmpv6EchoReply(frame).orElseThrow();
        assertEquals(ip6("fe80::1"), reply.srcIp());
        assertEquals(PcapFrames.VM_IPV6, reply.dstIp());
        assertEquals(0xFEDC, reply.identifier());
        assertEquals(0x8001, reply.sequence());
        assertEquals(7, reply.hopLimit());
        assertArrayEquals(payload, reply.payload());
        assertTrue(Packets.parseIcmpEchoReply(frame).isEmpty());
    }

    @Test
    void changedAndCutEchoRepliesAreNotRead() {
        byte[] frame = PcapFrames.icmpv6(129, 0, new byte[40]);
        Mutations.assertEachFlipIsNoticed(frame, Packets::parseIcmpv6EchoReply);
        Mutations.assertCutShortIsNotRead(frame, Packets::parseIcmpv6EchoReply);
        byte[] udp = PcapFrames.udpv6(7, 8, new byte[40]);
        Mutations.assertEachFlipIsNoticed(udp, Packets::parseUdp);
        Mutations.assertCutShortIsNotRead(udp, Packets::parseUdp);
    }

    private static byte[] body(int rest, byte[] quote) {
        return ByteBuffer.allocate(4 + quote.length).putInt(rest).put(quote).array();
    }

    /** The first bytes of a datagram with that payload. */
    private static byte[] ipv4Packet(int payload, int quoted) {
        byte[] frame = Packets.createUdp(VM, VM, ip("10.0.0.5"), ip("10.0.0.6"), 1, 2, new byte[payload], 64);
        return Arrays.copyOfRange(frame, 26, 26 + quoted);
    }

    private static byte[] ipv6Packet(int payload, int quoted) {
        byte[] frame = Packets.createUdp(VM, VM, ip6("fe80::5"), ip6("fe80::6"), 1, 2, new byte[payload], 64);
        return Arrays.copyOfRange(frame, 26, 26 + quoted);
    }
}
