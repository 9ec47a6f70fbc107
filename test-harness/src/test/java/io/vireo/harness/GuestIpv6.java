package io.vireo.harness;

import static io.vireo.harness.packets.Packets.GATEWAY_MAC;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.packets.Dhcpv6Builder;
import io.vireo.harness.packets.Dhcpv6Ia;
import io.vireo.harness.packets.Dhcpv6MessageType;
import io.vireo.harness.packets.Dhcpv6Response;
import io.vireo.harness.packets.IcmpError;
import io.vireo.harness.packets.Icmpv6EchoReply;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a {@link TestGuest} does over IPv6. Router advertisements come unasked at any time, so whoever awaits something passes
 * over what else there is.
 */
final class GuestIpv6 {
    /** Codes of unreachable destinations: outside of what the network has, or an address of it that nobody has. */
    static final int NO_ROUTE = 0;

    static final int ADDRESS_UNREACHABLE = 3;

    private static final int IDENTIFIER = 0x5636;
    private static final int DESTINATION_UNREACHABLE = 1;

    private GuestIpv6() {}

    static Inet6Address linkLocal(TestGuest guest) {
        return Packets.linkLocal(guest.mac);
    }

    static Octets duid(TestGuest guest) {
        return Packets.generateDuidLl(guest.mac);
    }

    /** The address that the guest leases from now on. */
    static Inet6Address leaseAddress(TestGuest guest) throws IOException {
        return lease(guest).leases().getFirst().address();
    }

    static Dhcpv6Ia lease(TestGuest guest) throws IOException {
        return leaseRapidly(guest, builder -> builder.iaNa(Dhcpv6Ia.of(1)))
                .iaNa()
                .getFirst();
    }

    /** SOLICIT and REPLY, by rapid commit. */
    static Dhcpv6Response leaseRapidly(TestGuest guest, Function<Dhcpv6Builder, Dhcpv6Builder> associations)
            throws IOException {
        Dhcpv6Builder solicit = Dhcpv6Builder.of(Dhcpv6MessageType.SOLICIT, guest.mac)
                .clientId(duid(guest))
                .rapidCommit();
        guest.send(associations.apply(solicit).frame());
        Dhcpv6Response reply = await(guest, Packets::parseDhcpv6Response);
        assertEquals(Dhcpv6MessageType.REPLY, reply.msgType());
        assertTrue(reply.rapidCommit());
        return reply;
    }

    /** An echo of whomever, which must be answered byte for byte. @return the hop limit that the answer came with */
    static int ping(TestGuest guest, Inet6Address from, Inet6Address target, int number, byte[] payload)
            throws IOException {
        guest.send(echoRequest(guest, from, target, number, payload));
        return expectEcho(guest, target, number, payload);
    }

    static byte[] echoRequest(TestGuest guest, Inet6Address from, Inet6Address target, int number, byte[] payload) {
        return Packets.createIcmpv6EchoRequest(guest.mac, GATEWAY_MAC, from, target, IDENTIFIER, number, payload);
    }

    /** @return the hop limit that the answer came with */
    static int expectEcho(TestGuest guest, Inet6Address from, int number, byte[] payload) throws IOException {
        Icmpv6EchoReply reply = await(guest, Packets::parseIcmpv6EchoReply);
        assertEquals(from, reply.srcIp());
        assertEquals(IDENTIFIER, reply.identifier());
        assertEquals(number, reply.sequence());
        assertArrayEquals(payload, reply.payload());
        return reply.hopLimit();
    }

    /** The next error is that what the guest has sent leads nowhere, with this code (RFC 4443, 3.1). */
    static void expectUnreachable(TestGuest guest, int code) throws IOException {
        IcmpError error = await(guest, Packets::parseIcmpv6Error);
        assertEquals(DESTINATION_UNREACHABLE, error.type());
        assertEquals(code, error.code());
    }

    /** The next frame that the parser takes; what comes before it, unsolicited advertisements say, is passed over. */
    static <T> T await(TestGuest guest, Function<byte[], Optional<T>> parser) throws IOException {
        return parser.apply(awaitFrame(guest, parser)).orElseThrow();
    }

    static byte[] awaitFrame(TestGuest guest, Function<byte[], ? extends Optional<?>> parser) throws IOException {
        byte[] frame = guest.receive();
        while (parser.apply(frame).isEmpty()) {
            frame = guest.receive();
        }
        return frame;
    }
}
