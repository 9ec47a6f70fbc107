package io.vireo.protocols.icmpv6;

import static io.vireo.protocols.icmpv6.Icmpv6Frames.ALL_NODES;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GLOBAL_GATEWAY;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.UNSPECIFIED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IcmpV6DestinationUnreachablePacket;
import org.pcap4j.packet.IcmpV6PacketTooBigPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV6Packet;

class Icmpv6ErrorTest {
    private static final String GUEST = "20010db8000100010000000000000002";
    private static final String OTHER = "20010db8000200020000000000000002";
    private static final String DATAGRAM = "60000000 0008 11 40" + GUEST + OTHER + "c000 0035 0008 1234";
    private static final String ETHERNET = "020000000001 525400123401 86dd ";
    private static final long GUEST_MAC = 0x5254_0012_3401L;
    private static final long GATEWAY_HIGH = 0x2001_0db8_0001_0000L;

    /** Copies a packet as a caller does, in two pieces, and writes the error around it. */
    private static Golden write(byte[] packet, int error, int mtu) {
        int quoted = Icmpv6Error.quotable(packet.length);
        Golden golden = Golden.filler(Icmpv6Error.QUOTE + quoted);
        long quote = golden.offset() + Icmpv6Error.QUOTE;
        MemorySegment source = MemorySegment.ofArray(packet);
        MemorySegment.copy(source, 0, golden.segment(), quote, 41);
        MemorySegment.copy(source, 41, golden.segment(), quote + 41, quoted - 41L);
        int length =
                Icmpv6Error.write(golden.segment(), golden.offset(), quoted, error, mtu, GATEWAY_HIGH, 1, GUEST_MAC);
        assertEquals(golden.length(), length);
        return golden;
    }

    @Test
    void reportsThatThereIsNoRoute() {
        write(Golden.bytes(DATAGRAM), Icmpv6Error.NO_ROUTE, 0)
                .assertHolds("525400123401 020000000001 86dd 60000000 0038 3a 40"
                        + GLOBAL_GATEWAY
                        + GUEST
                        + "0100 03df 00000000"
                        + DATAGRAM);
    }

    @Test
    void tellsTheNextHopsMtu() throws IllegalRawDataException {
        Golden golden = write(Golden.bytes(DATAGRAM), Icmpv6Error.PACKET_TOO_BIG, 1500);
        golden.assertHolds("525400123401 020000000001 86dd 60000000 0038 3a 40"
                + GLOBAL_GATEWAY
                + GUEST
                + "0200 fd02 000005dc"
                + DATAGRAM);
        IcmpV6CommonPacket message = Icmpv6Frames.judge(golden.bytes());
        assertEquals(
                1500, message.get(IcmpV6PacketTooBigPacket.class).getHeader().getMtu());
    }

    @Test
    void writesEveryErrorAsAnotherCodecReadsIt() throws IllegalRawDataException {
        assertReads(Icmpv6Error.NO_ROUTE, 1, 0);
        assertReads(Icmpv6Error.ADDRESS_UNREACHABLE, 1, 3);
        assertReads(Icmpv6Error.PORT_UNREACHABLE, 1, 4);
        assertReads(Icmpv6Error.PACKET_TOO_BIG, 2, 0);
        assertReads(Icmpv6Error.HOP_LIMIT_EXCEEDED, 3, 0);
    }

    private static void assertReads(int error, int type, int code) throws IllegalRawDataException {
        IcmpV6CommonPacket message =
                Icmpv6Frames.judge(write(Golden.bytes(DATAGRAM), error, 0).bytes());
        assertEquals((byte) type, (byte) message.getHeader().getType().value());
        assertEquals((byte) code, (byte) message.getHeader().getCode().value());
    }

    @Test
    void quotesWhatFitsIntoTheSmallestMtu() throws IllegalRawDataException {
        byte[] packet = Golden.bytes("60000000 05b4 11 40" + GUEST + OTHER + "5a".repeat(1460));
        Golden golden = write(packet, Icmpv6Error.NO_ROUTE, 0);
        golden.assertMarginsUntouched();
        assertEquals(14 + 1280, golden.length());
        assertEquals(Icmpv6Error.QUOTE + Icmpv6Error.MOST_QUOTED, golden.length());
        IpV6Packet quote = Icmpv6Frames.judge(golden.bytes())
                .get(IcmpV6DestinationUnreachablePacket.class)
                .getPayload()
                .get(IpV6Packet.class);
        assertEquals(1460, quote.getHeader().getPayloadLengthAsInt(), "as the guest sent it");
        assertEquals(64, quote.getHeader().getHopLimitAsInt());
    }

    @Test
    void writesNothingOutsideTheSegment() {
        MemorySegment small = MemorySegment.ofArray(new byte[Icmpv6Error.QUOTE + 40]);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> Icmpv6Error.write(small, 0, 41, Icmpv6Error.NO_ROUTE, 0, GATEWAY_HIGH, 1, GUEST_MAC));
    }

    private static boolean isDueAbout(String frame, int visible) {
        Golden golden = Golden.of(frame);
        EthernetFrame ethernet = new EthernetFrame();
        Ipv6Packet packet = new Ipv6Packet();
        ExtensionHeaders headers = new ExtensionHeaders();
        assertTrue(ethernet.tryWrap(golden.segment(), golden.offset(), visible));
        assertTrue(packet.tryWrap(golden.segment(), golden.offset() + 14, visible - 14, golden.length() - 14));
        assertEquals(ExtensionHeaders.Outcome.FOUND, headers.walk(golden.segment(), packet));
        return Icmpv6Error.isDueAbout(golden.segment(), ethernet, packet, headers);
    }

    private static boolean isDueAbout(String frame) {
        return isDueAbout(frame, Golden.bytes(frame).length);
    }

    private static String message(String source, String destination, String first, String payload) {
        return ETHERNET
                + "60000000 %04x %s 40".formatted(Golden.bytes(payload).length, first)
                + source
                + destination
                + payload;
    }

    @Test
    void isDueAboutWhatOneGuestSendsToOne() {
        assertTrue(isDueAbout(ETHERNET + DATAGRAM));
        assertTrue(isDueAbout(message(GUEST, OTHER, "3a", "8000 0000 00010001")), "an echo request");
        assertTrue(isDueAbout(message(GUEST, OTHER, "3a", "8100 0000 00010001")), "an echo reply");
        assertTrue(isDueAbout(message(GUEST, OTHER, "2c", "11000001 00000001 c000003500081234")), "a first fragment");
        assertTrue(isDueAbout(message(GUEST, OTHER, "3c", "3a00010400000000 8000000000010001")), "behind options");
    }

    @Test
    void isNotDueAboutErrorsAndRedirects() {
        for (int type : new int[] {0, 1, 2, 3, 4, 100, 127, 137}) {
            String payload = "%02x00 0000 00000000".formatted(type);
            assertFalse(isDueAbout(message(GUEST, OTHER, "3a", payload)), "type " + type);
            assertFalse(
                    isDueAbout(message(GUEST, OTHER, "3c", "3a00010400000000" + payload)), "behind options: " + type);
        }
    }

    @Test
    void isNotDueAboutGroupsAndSendersWithoutAnAddress() {
        assertFalse(isDueAbout(message(GUEST, ALL_NODES, "11", "c000003500081234")), "to a group");
        assertFalse(isDueAbout(message(UNSPECIFIED, OTHER, "11", "c000003500081234")), "from nobody");
        assertFalse(isDueAbout(message(ALL_NODES, OTHER, "11", "c000003500081234")), "from a group");
        assertFalse(isDueAbout((ETHERNET + DATAGRAM).replaceFirst("020000000001", "333300000001")), "a group's frame");
        assertFalse(isDueAbout((ETHERNET + DATAGRAM).replaceFirst("020000000001", "ffffffffffff")), "everybody's");
    }

    @Test
    void isNotDueAboutWhatMightBeAnErrorOutOfSight() {
        assertFalse(isDueAbout(message(GUEST, OTHER, "2c", "11000008 00000001 c000003500081234")), "a later fragment");
        assertFalse(isDueAbout(message(GUEST, OTHER, "3a", "8000 0000 00010001"), 54), "its type is not visible");
        assertTrue(isDueAbout(message(GUEST, OTHER, "3a", "8000 0000 00010001"), 55));
    }
}
