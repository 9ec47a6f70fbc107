package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FlowHashTest {
    private static final int A = 0x0a00_0005;
    private static final int B = 0x0a00_0006;
    private static final Ipv6Address A6 = Ipv6Address.parse("2001:db8:1:5::5");
    private static final Ipv6Address B6 = Ipv6Address.parse("2001:db8:1:6::5");

    private static int hash(byte[] frame) {
        return hash(frame, frame.length);
    }

    private static int hash(byte[] frame, int visible) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(frame.length);
            segment.copyFrom(MemorySegment.ofArray(frame));
            Ipv4Packet packet = new Ipv4Packet();
            long offset = segment.address() + Frames.ETHERNET;
            assertTrue(
                    packet.tryWrap(HostMemory.ALL, offset, visible - Frames.ETHERNET, frame.length - Frames.ETHERNET));
            return FlowHash.ipv4(packet);
        }
    }

    private static byte[] frame(int from, int to, int protocol, int fromPort, int toPort) {
        byte[] frame = Frames.ipv4(1, 2, from, to, protocol, 64, 60);
        ByteBuffer.wrap(frame)
                .putShort(Frames.ETHERNET + Frames.IPV4, (short) fromPort)
                .putShort(Frames.ETHERNET + Frames.IPV4 + 2, (short) toPort);
        return frame;
    }

    private static byte[] fragment(byte[] frame, int flagsAndOffset) {
        ByteBuffer.wrap(frame).putShort(Frames.ETHERNET + 6, (short) flagsAndOffset);
        return frame;
    }

    @Test
    void isTheSameForBothDirections() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            int from = random.nextInt();
            int to = random.nextInt();
            int fromPort = random.nextInt(1 << 16);
            int toPort = random.nextInt(1 << 16);
            int protocol = random.nextBoolean() ? Protocol.TCP : Protocol.UDP;
            assertEquals(
                    hash(frame(from, to, protocol, fromPort, toPort)),
                    hash(frame(to, from, protocol, toPort, fromPort)));
        }
    }

    @Test
    void tellsAddressesProtocolsAndPortsApart() {
        int hash = hash(frame(A, B, Protocol.TCP, 1000, 80));
        assertNotEquals(hash, hash(frame(A, B + 1, Protocol.TCP, 1000, 80)));
        assertNotEquals(hash, hash(frame(A, B, Protocol.UDP, 1000, 80)));
        assertNotEquals(hash, hash(frame(A, B, Protocol.TCP, 1001, 80)));
        assertNotEquals(hash, hash(frame(A, B, Protocol.TCP, 1001, 81)), "same exclusive or, other sum");
        assertNotEquals(hash, hash(frame(A, B, Protocol.TCP, 999, 81)), "same sum, other exclusive or");
    }

    @Test
    void goesByAddressesAloneForFragments() {
        int first = hash(fragment(frame(A, B, Protocol.UDP, 1000, 80), 0x2000));
        int middle = hash(fragment(frame(A, B, Protocol.UDP, 0xdead, 0xbeef), 0x2010));
        int last = hash(fragment(frame(A, B, Protocol.UDP, 7, 8), 0x0020));
        assertEquals(first, middle);
        assertEquals(first, last);
        assertEquals(first, hash(fragment(frame(B, A, Protocol.UDP, 7, 8), 0x0020)));
        assertNotEquals(first, hash(fragment(frame(A, B + 1, Protocol.UDP, 7, 8), 0x0020)));
    }

    @Test
    void readsPortsOnlyOfProtocolsThatHaveThemAndWhereTheyAreVisible() {
        assertEquals(hash(frame(A, B, Protocol.ICMP, 1, 2)), hash(frame(A, B, Protocol.ICMP, 3, 4)));
        int upToPorts = Frames.ETHERNET + Frames.IPV4;
        int cut = hash(frame(A, B, Protocol.TCP, 1, 2), upToPorts);
        assertEquals(cut, hash(frame(A, B, Protocol.TCP, 1, 2), upToPorts + 3));
        assertEquals(cut, hash(frame(A, B, Protocol.TCP, 3, 4), upToPorts));
        assertEquals(hash(frame(A, B, Protocol.TCP, 1, 2)), hash(frame(A, B, Protocol.TCP, 1, 2), upToPorts + 4));
    }

    @Test
    void spreadsTheFlowsOfOnePairOfHosts() {
        for (int pairs : new int[] {2, 3, 4, 8}) {
            int[] flows = new int[pairs];
            for (int port = 0; port < 1024 * pairs; port++) {
                flows[FlowHash.queue(FlowHash.of(A, B, Protocol.TCP, 32768 + port, 443), pairs)]++;
            }
            for (int count : flows) {
                assertTrue(count > 768 && count < 1280, Arrays.toString(flows));
            }
        }
    }

    @Test
    void spreadsNeighbouringHosts() {
        int[] flows = new int[4];
        for (int host = 0; host < 4096; host++) {
            flows[FlowHash.queue(FlowHash.of(A + host, B, Protocol.ICMP, 0, 0), 4)]++;
        }
        for (int count : flows) {
            assertTrue(count > 768 && count < 1280, Arrays.toString(flows));
        }
    }

    @Test
    void choosesAQueueThatExists() {
        for (int pairs = 1; pairs <= 8; pairs++) {
            assertEquals(0, FlowHash.queue(FlowHash.NONE, pairs));
            assertEquals(pairs - 1, FlowHash.queue(-1, pairs));
            assertEquals(pairs / 2, FlowHash.queue(Integer.MIN_VALUE, pairs));
        }
    }

    private static int hash6(byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(frame.length);
            segment.copyFrom(MemorySegment.ofArray(frame));
            Ipv6Packet packet = new Ipv6Packet();
            int length = frame.length - Frames.ETHERNET;
            assertTrue(packet.tryWrap(HostMemory.ALL, segment.address() + Frames.ETHERNET, length, length));
            ExtensionHeaders headers = new ExtensionHeaders();
            assertEquals(ExtensionHeaders.Outcome.FOUND, headers.walk(HostMemory.ALL, packet));
            return FlowHash.ipv6(packet, headers);
        }
    }

    /** A frame of no guest's. */
    private static byte[] frame6(Ipv6Address from, Ipv6Address to, int protocol, int fromPort, int toPort) {
        byte[] frame = new byte[Frames6.UPPER + 40];
        ByteBuffer.wrap(frame)
                .putShort(12, (short) 0x86dd)
                .putInt(14, 0x6001_2345 ^ fromPort)
                .putShort(18, (short) 40)
                .put(20, (byte) protocol)
                .put(Frames6.SOURCE, from.toBytes())
                .put(Frames6.DESTINATION, to.toBytes())
                .putShort(Frames6.UPPER, (short) fromPort)
                .putShort(Frames6.UPPER + 2, (short) toPort);
        return frame;
    }

    @Test
    void isTheSameForBothDirectionsOverIpv6() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            Ipv6Address from = new Ipv6Address(random.nextLong(), random.nextLong());
            Ipv6Address to = new Ipv6Address(random.nextLong(), random.nextLong());
            int fromPort = random.nextInt(1 << 16);
            int toPort = random.nextInt(1 << 16);
            int protocol = random.nextBoolean() ? Protocol.TCP : Protocol.UDP;
            assertEquals(
                    hash6(frame6(from, to, protocol, fromPort, toPort)),
                    hash6(frame6(to, from, protocol, toPort, fromPort)));
        }
    }

    @Test
    void tellsAddressesProtocolsAndPortsApartOverIpv6() {
        int hash = hash6(frame6(A6, B6, Protocol.TCP, 1000, 80));
        assertNotEquals(hash, hash6(frame6(A6, new Ipv6Address(B6.high(), 6), Protocol.TCP, 1000, 80)));
        assertNotEquals(hash, hash6(frame6(A6, new Ipv6Address(B6.high() + 1, 5), Protocol.TCP, 1000, 80)));
        assertNotEquals(hash, hash6(frame6(A6, B6, Protocol.UDP, 1000, 80)));
        assertNotEquals(hash, hash6(frame6(A6, B6, Protocol.TCP, 1001, 80)));
        assertNotEquals(hash, hash6(frame6(A6, B6, Protocol.TCP, 1001, 79)), "same sum, other exclusive or");
    }

    @Test
    void looksBehindExtensionHeadersButNotIntoFragments() {
        byte[] frame = frame6(A6, B6, Protocol.TCP, 1000, 80);
        byte[] other = frame6(A6, B6, Protocol.TCP, 1001, 80);
        assertEquals(hash6(frame), hash6(Frames6.behind(Frames6.DESTINATION_OPTIONS, "00010400000000", frame)));
        int first = hash6(Frames6.behind(Frames6.FRAGMENT, "00000112345678", frame));
        assertEquals(first, hash6(Frames6.behind(Frames6.FRAGMENT, "00000112345678", other)));
        assertEquals(first, hash6(Frames6.behind(Frames6.FRAGMENT, "0005a812345678", other)));
    }
}
