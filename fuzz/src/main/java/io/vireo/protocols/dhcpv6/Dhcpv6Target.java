package io.vireo.protocols.dhcpv6;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.fuzz.Packing;
import io.vireo.harness.packets.Dhcpv6Builder;
import io.vireo.harness.packets.Dhcpv6Ia;
import io.vireo.harness.packets.Dhcpv6Lease;
import io.vireo.harness.packets.Dhcpv6MessageType;
import io.vireo.harness.packets.Dhcpv6Response;
import io.vireo.harness.packets.Dhcpv6Status;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.dhcpv6.Dhcpv6Responder.Outcome;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A DHCPv6 message after a byte of options: read, written and read again it is the same; in a frame, what is answered is read
 * by a strict client, who is given its own or nothing.
 */
public final class Dhcpv6Target implements FuzzTarget {
    private static final MacAddress GUEST = new MacAddress(Frames.GUEST_MAC.value());
    private static final Ipv6Address SOURCE =
            Ipv6Address.of(Packets.linkLocal(Frames.GUEST_MAC).getAddress(), 0);
    private static final Ipv6Address SERVERS = new Ipv6Address(0xff02_0000_0000_0000L, 0x1_0002);
    private static final Ipv6Address ADDRESS = Ipv6Address.parse("2001:db8::5");

    private final Dhcpv6Responder responder = new Dhcpv6Responder();

    @Override
    public List<byte[]> seeds() {
        Octets client = Packets.generateDuidLl(Frames.GUEST_MAC);
        Octets server = Packets.generateDuidLl(Packets.GATEWAY_MAC);
        Dhcpv6Ia wanted = Dhcpv6Ia.of(1);
        Dhcpv6Ia own = Dhcpv6Ia.ofAddresses(1, Frames.GUEST6, Frames.NEIGHBOUR6);
        return Stream.concat(
                        Stream.of(Dhcpv6MessageType.SOLICIT, Dhcpv6MessageType.CONFIRM, Dhcpv6MessageType.REBIND)
                                .map(type -> of(type).clientId(client).iaNa(own).iaPd(wanted)),
                        Stream.of(Dhcpv6MessageType.REQUEST, Dhcpv6MessageType.RELEASE, Dhcpv6MessageType.DECLINE)
                                .map(type -> of(type).clientId(client)
                                        .serverId(server)
                                        .iaNa(own)))
                .map(builder -> message(builder.frame()))
                .toList();
    }

    private static Dhcpv6Builder of(Dhcpv6MessageType type) {
        return Dhcpv6Builder.of(type, Frames.GUEST_MAC);
    }

    /** Of a frame with headers of 62 bytes. */
    private static byte[] message(byte[] frame) {
        byte[] bytes = Frames.strip(frame);
        byte[] message = Arrays.copyOfRange(bytes, 61, bytes.length);
        message[0] = 0;
        return message;
    }

    @Override
    public void run(Input input) throws Dhcpv6FormatException {
        int options = input.u8();
        byte[] payload = input.rest();
        try {
            Dhcpv6Message message = Dhcpv6Parser.parse(payload);
            byte[] written = message.encode();
            claim(Arrays.equals(Dhcpv6Parser.parse(written).encode(), written), "written and read again");
        } catch (Dhcpv6FormatException e) {
            claim(!String.valueOf(e.getMessage()).isEmpty(), "a reason");
        }
        byte[] frame = (options & 1) == 0 ? Packing.udp6(payload, GUEST, SOURCE, SERVERS, 546, 547) : payload;
        byte[] before = frame.clone();
        Dhcpv6Responder.asksFor(frame, frame.length, GUEST);
        boolean hasAddress = (options & 2) == 0;
        boolean hasPrefix = (options & 4) == 0;
        switch (responder.respond(frame, frame.length, binding(hasAddress, hasPrefix))) {
            case Outcome.Ignored(String reason) -> claim(!reason.isEmpty(), "a reason");
            case Outcome.Reply reply -> judge(reply, hasAddress, hasPrefix);
        }
        claim(Arrays.equals(before, frame), "a request was changed");
    }

    private static void judge(Outcome.Reply reply, boolean hasAddress, boolean hasPrefix) {
        Dhcpv6Response read = Packets.parseDhcpv6Response(Frames.forHarness(reply.frame(), reply.frame().length))
                .orElseThrow(() -> new AssertionError("no answer to a client's reading"));
        boolean address =
                read.iaNa().stream().flatMap(ia -> ia.leases().stream()).anyMatch(Dhcpv6Target::isGiven);
        boolean prefix =
                read.iaPd().stream().flatMap(ia -> ia.leases().stream()).anyMatch(Dhcpv6Target::isGiven);
        claim(!address || hasAddress, "an address that there is none of");
        claim(!prefix || hasPrefix, "a prefix that there is none of");
        // What is confirmed (RFC 8415, 18.3.3) is not named again: there the status tells.
        boolean confirmed = read.status().map(Dhcpv6Status::code).orElse(-1) == Dhcpv6Status.SUCCESS;
        claim(!reply.granted().contains(Dhcpv6Resource.ADDRESS) || address || confirmed, "granted, and not told");
        claim(!reply.granted().contains(Dhcpv6Resource.PREFIX) || prefix, "granted, and not told");
        long sets = Stream.of(reply.granted(), reply.released(), reply.declined())
                .filter(set -> !set.isEmpty())
                .count();
        claim(sets <= 1, "granted and taken back at once");
    }

    private static boolean isGiven(Dhcpv6Lease lease) {
        return lease.valid() > 0;
    }

    private static Dhcpv6Binding binding(boolean hasAddress, boolean hasPrefix) {
        return new Dhcpv6Binding(
                GUEST,
                hasAddress ? Optional.of(ADDRESS) : Optional.empty(),
                hasPrefix ? Optional.of(Ipv6Prefix.parse("2001:db8:8000::/56")) : Optional.empty(),
                List.of(ADDRESS),
                List.of("example.com"),
                List.of(),
                100,
                200);
    }
}
