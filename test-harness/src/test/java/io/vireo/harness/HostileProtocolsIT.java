package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY;
import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.RawPackets;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.dataplane.Counter;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One guest sends frames of every protocol cut short, lying, too long, overlapping and in floods: it alone pays. */
@Timeout(60)
class HostileProtocolsIT {
    private static final int BUFFERS = 64;
    private static final int ETHERNET = VirtioNetHeader.SIZE;
    private static final int PACKET = ETHERNET + 14;
    private static final byte[] LIES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff};
    private static final long FLOOD_NS = TimeUnit.MILLISECONDS.toNanos(150);
    private static final int PROTOCOL_ICMP = 1;
    private static final int PROTOCOL_UDP = 17;
    private static final int IDENTIFICATION = 7;

    /** Errors that may be due at once, and in a second. */
    private static final int ERROR_BURST = 50;

    private static final int ERRORS_A_SECOND = 100;

    private static TestRouter router;
    private static TestGuest attacker;
    /** To whom what is forwarded goes. */
    private static TestGuest neighbour;

    private static Bystanders others;
    private static int echo;

    @BeforeAll
    static void start() throws Exception {
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                .withIpv6(new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.SLAAC));
        router = TestRouter.start(1, List.of(network), 4);
        attacker = TestGuest.attach(router, 1, FrontendOptions.DEFAULT, BUFFERS, TestGuest.BUFFER_SIZE);
        neighbour = TestGuest.attach(router, 4, FrontendOptions.DEFAULT, BUFFERS, TestGuest.BUFFER_SIZE);
        others = Bystanders.start(router, 2, 3);
        assertEquals(new Ipv6Address(0x2001_0db8_0001_0005L, 5).toString(), hostAddress(FrameKind.global(attacker)));
    }

    private static String hostAddress(Inet6Address address) {
        return Ipv6Address.parse(String.valueOf(address.getHostAddress())).toString();
    }

    @AfterAll
    static void stop() throws Exception {
        others.close();
        attacker.close();
        neighbour.close();
        router.close();
    }

    @AfterEach
    void nobodyElseNoticed() throws Exception {
        attacker.flush();
        others.assertUnharmed();
        settle(attacker);
        settle(neighbour);
    }

    /** Passes over all that a guest was sent until now, and sees that it is served as before. */
    private static void settle(TestGuest guest) throws IOException {
        int number = ++echo & 0xffff;
        guest.device().discardReceived(); // a backlog that is full has no place for the answer
        guest.send(guest.echoRequest(GATEWAY, number, new byte[0]));
        while (Packets.parseIcmpEchoReply(guest.receive())
                .filter(reply -> reply.sequence() == number)
                .isEmpty()) {
            if (!guest.device().waitForRx(100)) {
                guest.send(guest.echoRequest(GATEWAY, number, new byte[0]));
            }
        }
    }

    private static long count(Counter counter) {
        return router.counter(1, counter);
    }

    private static long count(List<Counter> counters) {
        return counters.stream().mapToLong(HostileProtocolsIT::count).sum();
    }

    @ParameterizedTest
    @EnumSource
    void cutShortAtEveryByte(FrameKind kind) throws IOException {
        byte[] frame = kind.frame(attacker, neighbour);
        long before = count(Counter.TX_FRAMES);
        for (int length = 1; length < frame.length; length++) {
            attacker.send(Arrays.copyOf(frame, length));
        }
        attacker.flush();
        assertEquals(frame.length - 1, count(Counter.TX_FRAMES) - before);
    }

    @ParameterizedTest
    @EnumSource
    void lyingInEveryByte(FrameKind kind) throws IOException {
        byte[] frame = kind.frame(attacker, neighbour);
        Random random = new Random(kind.name().hashCode());
        for (int at = ETHERNET; at < frame.length; at++) {
            for (byte lie : LIES) {
                sendChanged(frame, at, lie);
            }
            sendChanged(frame, at, (byte) random.nextInt());
        }
    }

    /** Once as it is, and once with the checksum of the IPv4 header put right, which would betray the lie. */
    private static void sendChanged(byte[] frame, int at, byte lie) throws IOException {
        byte[] changed = frame.clone();
        changed[at] = lie;
        attacker.send(changed);
        if (at >= PACKET && at < PACKET + 20 && changed[PACKET - 2] == 8 && changed[PACKET - 1] == 0) {
            attacker.send(withChecksum(changed));
        }
    }

    private static byte[] withChecksum(byte[] frame) {
        byte[] sealed = frame.clone();
        int length = Math.min((frame[PACKET] & 15) * 4, frame.length - PACKET) & -2;
        sealed[PACKET + 10] = 0;
        sealed[PACKET + 11] = 0;
        int sum = 0;
        for (int at = PACKET; at < PACKET + length; at += 2) {
            sum += ByteBuffer.wrap(sealed).getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >> 16);
        ByteBuffer.wrap(sealed).putShort(PACKET + 10, (short) ~(sum + (sum >> 16)));
        return sealed;
    }

    @ParameterizedTest
    @EnumSource
    void tooLong(FrameKind kind) throws IOException {
        byte[] frame = kind.frame(attacker, neighbour);
        int[] lengths = {1515, 2049, 9000, 65_535, 65_536, 70_000};
        long before = count(Counter.TX_DROP_OVERSIZED);
        for (int length : lengths) {
            attacker.send(Arrays.copyOf(frame, VirtioNetHeader.SIZE + length));
        }
        attacker.flush();
        assertEquals(lengths.length, count(Counter.TX_DROP_OVERSIZED) - before);
    }

    /** Where each fragment begins, in units of 8 bytes, and whether more follow. */
    private static final int[] OFFSETS = {
        0, RawPackets.MORE_FRAGMENTS, RawPackets.MORE_FRAGMENTS | 1, 1, 3, RawPackets.MORE_FRAGMENTS | 100, 0x1fff
    };

    @ParameterizedTest
    @ValueSource(ints = {PROTOCOL_ICMP, PROTOCOL_UDP})
    void fragmentsThatOverlap(int protocol) throws IOException {
        long answered = count(List.of(Counter.ECHO_ANSWERED, Counter.PUNTED));
        byte[] whole = protocol == PROTOCOL_ICMP
                ? attacker.echoRequest(GATEWAY, 1, new byte[1000])
                : Packets.createUdp(attacker.mac, GATEWAY_MAC, attacker.ip, GATEWAY, 68, 67, new byte[1000], TTL);
        byte[] payload = Arrays.copyOfRange(whole, PACKET + 20, whole.length);
        for (Inet4Address to : List.of(GATEWAY, neighbour.ip)) {
            for (int flags : OFFSETS) {
                for (int length : new int[] {0, 1, 8, 24, 1000}) {
                    attacker.send(RawPackets.createIpv4(
                            attacker.mac,
                            GATEWAY_MAC,
                            attacker.ip,
                            to,
                            protocol,
                            TTL,
                            IDENTIFICATION,
                            flags == 0 ? RawPackets.MORE_FRAGMENTS : flags,
                            Arrays.copyOf(payload, length)));
                }
            }
        }
        attacker.flush();
        assertEquals(answered, count(List.of(Counter.ECHO_ANSWERED, Counter.PUNTED)), "nothing is put together");
    }

    @Test
    void fragmentsThatOverlapOverIpv6() throws IOException {
        long answered = count(List.of(Counter.ECHO_ANSWERED, Counter.PUNTED));
        byte[] echo = GuestIpv6.echoRequest(
                attacker, FrameKind.global(attacker), Packets.GATEWAY_IPV6_LINK_LOCAL, 1, new byte[100]);
        byte[] datagram = FrameKind.udp6(attacker, neighbour, new byte[100]);
        for (byte[] frame : List.of(echo, datagram)) {
            for (int offset :
                    new int[] {1, 8, 9, 16, 17, 0x320, 0xfff8, 0xfff9}) { // in bytes; the last bit: more follow
                byte[] header = {0, 0, (byte) (offset >> 8), (byte) offset, 0, 0, 0, IDENTIFICATION};
                byte[] fragment = RawPackets.insertExtensionHeader(frame, RawPackets.FRAGMENT, header);
                attacker.send(fragment);
                attacker.send(RawPackets.insertExtensionHeader(fragment, RawPackets.FRAGMENT, header));
                attacker.send(Arrays.copyOf(fragment, PACKET + 40 + 8));
            }
        }
        attacker.flush();
        assertEquals(answered, count(List.of(Counter.ECHO_ANSWERED, Counter.PUNTED)), "nothing is put together");
    }

    @ParameterizedTest
    @EnumSource
    void inAFlood(FrameKind kind) throws Exception {
        byte[] frame = kind.frame(attacker, neighbour);
        long before = count(kind.counted);
        long errors = count(Counter.ICMP_ERRORS);
        long startNs = System.nanoTime();
        long sent = 0;
        while (System.nanoTime() - startNs < FLOOD_NS) {
            int more = attacker.device().sendCopies(frame, BUFFERS);
            if (more == 0) {
                attacker.flush();
            }
            sent += more;
            attacker.device().discardReceived();
            neighbour.device().discardReceived();
        }
        attacker.flush();
        settle(neighbour);
        neighbour.lease(); // who is honest is served all the same
        double seconds = (System.nanoTime() - startNs) / 1e9;
        assertTrue(count(Counter.ICMP_ERRORS) - errors <= ERROR_BURST + ERRORS_A_SECOND * seconds + 1);
        if (!kind.counted.isEmpty()) {
            assertEquals(sent, count(kind.counted) - before, "each is answered, passed on, or counted as too many");
        }
    }
}
