package io.vireo.protocols.icmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv4.Ipv4Packet;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV4TimeExceededPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;

class IcmpErrorTest {
    /** 10.0.0.5 sends eight bytes of UDP to 8.8.8.8 with a time to live of 1. */
    private static final String DATAGRAM = "4500 001c 0007 0000 01 11 9fb6 0a000005 08080808 c000 0035 0008 1234";

    private static final String ETHERNET = "020000000001 525400123401 0800 ";
    private static final String HEADERS =
            "525400123401 020000000001 0800 45c0 0038 0000 4000 40 01 8601 a9fe0001 0a000005 ";
    private static final long GUEST_MAC = 0x5254_0012_3401L;
    private static final int GATEWAY = 0xa9fe0001;

    /** Copies a packet as a caller does, in two pieces, and writes the error around it. */
    private static Golden write(byte[] packet, int error, int mtu) {
        int quoted = IcmpError.quotable(packet.length);
        Golden golden = Golden.filler(IcmpError.QUOTE + quoted);
        long quote = golden.offset() + IcmpError.QUOTE;
        MemorySegment source = MemorySegment.ofArray(packet);
        MemorySegment.copy(source, 0, golden.segment(), quote, 21);
        MemorySegment.copy(source, 21, golden.segment(), quote + 21, quoted - 21L);
        int length = IcmpError.write(golden.segment(), golden.offset(), quoted, error, mtu, GATEWAY, GUEST_MAC);
        assertEquals(golden.length(), length);
        return golden;
    }

    @Test
    void reportsThatTheTimeToLiveRanOut() {
        write(Golden.bytes(DATAGRAM), IcmpError.TIME_TO_LIVE_EXCEEDED, 0)
                .assertHolds(HEADERS + "0b00 228e 00000000" + DATAGRAM);
    }

    @Test
    void tellsTheNextHopsMtu() {
        write(Golden.bytes(DATAGRAM), IcmpError.FRAGMENTATION_NEEDED, 1400)
                .assertHolds(HEADERS + "0304 2512 00000578" + DATAGRAM);
    }

    @Test
    void writesEveryErrorAsAnotherCodecReadsIt() throws IllegalRawDataException {
        assertReads(IcmpError.NETWORK_UNREACHABLE, 3, 0);
        assertReads(IcmpError.HOST_UNREACHABLE, 3, 1);
        assertReads(IcmpError.PROTOCOL_UNREACHABLE, 3, 2);
        assertReads(IcmpError.PORT_UNREACHABLE, 3, 3);
        assertReads(IcmpError.FRAGMENTATION_NEEDED, 3, 4);
        assertReads(IcmpError.TIME_TO_LIVE_EXCEEDED, 11, 0);
    }

    private static void assertReads(int error, int type, int code) throws IllegalRawDataException {
        IcmpV4CommonPacket message = judge(write(Golden.bytes(DATAGRAM), error, 0));
        assertEquals((byte) type, (byte) message.getHeader().getType().value());
        assertEquals((byte) code, (byte) message.getHeader().getCode().value());
    }

    private static IcmpV4CommonPacket judge(Golden golden) throws IllegalRawDataException {
        golden.assertMarginsUntouched();
        EthernetPacket ethernet = EthernetPacket.newPacket(golden.bytes(), 0, golden.length());
        IpV4Packet packet = ethernet.get(IpV4Packet.class);
        assertTrue(packet.getHeader().hasValidChecksum(false));
        assertEquals(golden.length() - 14, packet.getHeader().getTotalLengthAsInt());
        IcmpV4CommonPacket message = packet.get(IcmpV4CommonPacket.class);
        assertTrue(message.hasValidChecksum(false));
        return message;
    }

    @Test
    void quotesNoMoreThanMakesAPacketOf576Bytes() throws IllegalRawDataException {
        byte[] packet = Golden.bytes("4500 05dc 0007 0000 01 11 0000 0a000005 08080808" + "5a".repeat(1480));
        Golden golden = write(packet, IcmpError.TIME_TO_LIVE_EXCEEDED, 0);
        assertEquals(14 + 576, golden.length());
        assertEquals(IcmpError.QUOTE + IcmpError.MOST_QUOTED, golden.length());
        IpV4Packet quote =
                judge(golden).get(IcmpV4TimeExceededPacket.class).getPayload().get(IpV4Packet.class);
        assertEquals(1500, quote.getHeader().getTotalLengthAsInt(), "as the guest sent it");
        assertEquals(1, quote.getHeader().getTtlAsInt());
    }

    @Test
    void quotesOddLengths() throws IllegalRawDataException {
        String datagram = DATAGRAM.replace("001c", "001d").replace("0035 0008", "0035 0009") + "ff";
        judge(write(Golden.bytes(datagram), IcmpError.HOST_UNREACHABLE, 0));
    }

    @Test
    void keepsTheTypeOfServiceButForPrecedenceAndCongestion() {
        byte[] packet = Golden.bytes(DATAGRAM.replaceFirst("4500", "45ff"));
        assertEquals(0xdc, write(packet, IcmpError.HOST_UNREACHABLE, 0).bytes()[15] & 0xff);
    }

    @Test
    void writesNothingOutsideTheSegment() {
        MemorySegment small = MemorySegment.ofArray(new byte[IcmpError.QUOTE + 20]);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> IcmpError.write(small, 0, 21, IcmpError.HOST_UNREACHABLE, 0, GATEWAY, GUEST_MAC));
    }

    private static boolean isDueAbout(String frame, int visible) {
        Golden golden = Golden.of(frame);
        EthernetFrame ethernet = new EthernetFrame();
        Ipv4Packet packet = new Ipv4Packet();
        assertTrue(ethernet.tryWrap(golden.segment(), golden.offset(), visible));
        assertTrue(packet.tryWrap(golden.segment(), golden.offset() + 14, visible - 14, golden.length() - 14));
        return IcmpError.isDueAbout(golden.segment(), ethernet, packet);
    }

    private static boolean isDueAbout(String frame) {
        return isDueAbout(frame, Golden.bytes(frame).length);
    }

    private static String icmp(int type) {
        return (ETHERNET + DATAGRAM).replace(" 11 ", " 01 ").replace("c000 0035", "%02x00 0000".formatted(type));
    }

    @Test
    void isDueAboutWhatOneGuestSendsToOne() {
        assertTrue(isDueAbout(ETHERNET + DATAGRAM));
        assertTrue(isDueAbout((ETHERNET + DATAGRAM).replace("0007 0000", "0007 2000")), "a first fragment");
        for (int type : new int[] {0, 8, 13, 14, 17, 42}) {
            assertTrue(isDueAbout(icmp(type)), "type " + type);
        }
    }

    @Test
    void isNotDueAboutErrorsAndTypesItDoesNotKnow() {
        for (int type : new int[] {3, 4, 5, 11, 12, 1, 19, 44, 255}) {
            assertFalse(isDueAbout(icmp(type)), "type " + type);
        }
        assertFalse(isDueAbout(icmp(8), 34), "its type is not visible");
    }

    @Test
    void isNotDueAboutLaterFragments() {
        assertFalse(isDueAbout((ETHERNET + DATAGRAM).replace("0007 0000", "0007 2001")), "in the middle");
        assertFalse(isDueAbout((ETHERNET + DATAGRAM).replace("0007 0000", "0007 0001")), "the last");
    }

    @Test
    void isNotDueAboutGroupsAndSendersThatAreNotOneHost() {
        for (String destination : List.of("e0000001", "effffffa", "f0000001", "ffffffff")) {
            assertFalse(isDueAbout((ETHERNET + DATAGRAM).replace("08080808", destination)), "to " + destination);
        }
        for (String source : List.of("00000000", "00000005", "7f000001", "e0000001", "ffffffff")) {
            assertFalse(isDueAbout((ETHERNET + DATAGRAM).replace("0a000005", source)), "from " + source);
        }
        assertFalse(isDueAbout((ETHERNET + DATAGRAM).replaceFirst("020000000001", "01005e000001")), "a group's frame");
        assertFalse(isDueAbout((ETHERNET + DATAGRAM).replaceFirst("020000000001", "ffffffffffff")), "everybody's");
    }
}
