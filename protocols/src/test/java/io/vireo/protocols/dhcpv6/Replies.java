package io.vireo.protocols.dhcpv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Lease;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Other;
import io.vireo.protocols.dhcpv6.Dhcpv6Responder.Outcome;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.UdpPacket;

/** Replies, taken apart by another codec up to UDP, with the checksum checked. */
final class Replies {
    private static final Dhcpv6Responder RESPONDER = new Dhcpv6Responder();

    /** A status code with its text, as hexadecimal digits. */
    static final String NO_ADDRS_AVAIL = status(2, "no address to lease");

    static final String NO_PREFIX_AVAIL = status(6, "no prefix to delegate");
    static final String NO_BINDING = status(3, "not leased to you");

    /** What came of a frame that is to be answered. */
    record Answer(Outcome.Reply outcome, Dhcpv6Message message) {
        /** The value of an option that is there once, as hexadecimal digits; "none" if it is not there. */
        String hex(int code) {
            List<Dhcpv6Option> found = message.options().stream()
                    .filter(option -> option.code() == code)
                    .toList();
            assertTrue(found.size() < 2, "option %d, %d times".formatted(code, found.size()));
            return found.isEmpty()
                    ? "none"
                    : HexFormat.of().formatHex(found.getFirst().value());
        }

        IdentityAssociation association(AssociationType type, int iaid) {
            return message.associations().stream()
                    .filter(association -> association.type() == type && association.iaid() == iaid)
                    .findFirst()
                    .orElseThrow();
        }

        /** Nothing is granted, released or declined. */
        void assertChangesNothing() {
            assertChanges(Set.of(), Set.of(), Set.of());
        }

        void assertGrants(Dhcpv6Resource... resources) {
            assertChanges(Set.of(resources), Set.of(), Set.of());
        }

        void assertChanges(Set<Dhcpv6Resource> granted, Set<Dhcpv6Resource> released, Set<Dhcpv6Resource> declined) {
            assertEquals(granted, outcome.granted());
            assertEquals(released, outcome.released());
            assertEquals(declined, outcome.declined());
        }
    }

    private Replies() {}

    static String status(int code, String text) {
        return "%04x".formatted(code) + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What is inside an association: its leases, and its status as hexadecimal digits. */
    static List<Object> inside(IdentityAssociation association) {
        return association.options().stream()
                .<Object>map(option -> option instanceof Other ? HexFormat.of().formatHex(option.value()) : option)
                .toList();
    }

    static Lease lease(AssociationType type, Ipv6Prefix resource) {
        return new Lease(type.leaseCode(), resource, 86_400, 172_800);
    }

    static Answer answer(RequestType type, Dhcpv6Option... options) {
        return answer(Dhcpv6Frames.binding(), type, options);
    }

    static Answer answer(Dhcpv6Binding binding, RequestType type, Dhcpv6Option... options) {
        return answer(Dhcpv6Frames.frame(Dhcpv6Frames.message(type, options)), binding);
    }

    static Answer answer(byte[] frame, Dhcpv6Binding binding) {
        Outcome.Reply outcome = assertInstanceOf(Outcome.Reply.class, RESPONDER.respond(frame, frame.length, binding));
        byte[] reply = outcome.frame();
        try {
            EthernetPacket ethernet = EthernetPacket.newPacket(reply, 0, reply.length);
            IpV6Packet.IpV6Header ipv6 = ethernet.get(IpV6Packet.class).getHeader();
            UdpPacket udp = ethernet.get(UdpPacket.class);
            assertEquals("52:54:00:12:34:01", ethernet.getHeader().getDstAddr().toString());
            assertEquals("02:00:00:00:00:01", ethernet.getHeader().getSrcAddr().toString());
            assertEquals("fe80:0:0:0:0:0:0:1", ipv6.getSrcAddr().getHostAddress());
            assertEquals("fe80:0:0:0:5054:ff:fe12:3401", ipv6.getDstAddr().getHostAddress());
            assertTrue(udp.hasValidChecksum(ipv6.getSrcAddr(), ipv6.getDstAddr(), false));
            assertEquals(547, udp.getHeader().getSrcPort().valueAsInt());
            assertEquals(546, udp.getHeader().getDstPort().valueAsInt());
            assertEquals(reply.length - 54, ipv6.getPayloadLengthAsInt());
            Dhcpv6Message message = Dhcpv6Parser.parse(Arrays.copyOfRange(reply, Dhcpv6Frames.MESSAGE, reply.length));
            assertEquals(Duid.SERVER, message.server().orElseThrow());
            return new Answer(outcome, message);
        } catch (IllegalRawDataException | Dhcpv6FormatException e) {
            throw new AssertionError(e);
        }
    }

    static String ignored(RequestType type, Dhcpv6Option... options) {
        return ignored(Dhcpv6Frames.frame(Dhcpv6Frames.message(type, options)));
    }

    static String ignored(byte[] frame) {
        return ignored(frame, frame.length);
    }

    static String ignored(byte[] frame, int length) {
        return assertInstanceOf(
                        Outcome.Ignored.class,
                        RESPONDER.respond(frame, length, Dhcpv6Frames.binding()),
                        length + " bytes")
                .reason();
    }
}
