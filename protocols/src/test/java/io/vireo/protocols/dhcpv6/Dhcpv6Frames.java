package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.Golden;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.ClientIdentifier;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Lease;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.ServerIdentifier;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Frames of a real client (ISC dhclient 4.4 with -6 -N -P), and frames made here; and the binding that fits them. */
final class Dhcpv6Frames {
    static final MacAddress GUEST = MacAddress.parse("52:54:00:12:34:01");
    static final Ipv6Address SOURCE = Ipv6Address.parse("fe80::5054:ff:fe12:3401");
    static final Ipv6Prefix ADDRESS = Ipv6Prefix.parse("2001:db8:1:2::5/128");
    static final Ipv6Prefix PREFIX = Ipv6Prefix.parse("2001:db8:8000:100::/56");
    static final Ipv6Prefix FOREIGN = Ipv6Prefix.parse("2001:db8:9::9/128");
    static final Ipv6Prefix FOREIGN_PREFIX = Ipv6Prefix.parse("2001:db8:9::/48");

    /** Of type DUID-LLT. */
    static final String CLIENT_DUID = "000100013294732c525400123401";

    private static final String HEADERS = "333300010002 525400123401 86dd 60002307 %s 1101"
            + "fe80000000000000505400fffe123401 ff020000000000000000000000010002 0222 0223";

    static final byte[] SOLICIT = Golden.bytes(HEADERS.formatted("0050")
            + "0050 b224 014feb36 0001000e" + CLIENT_DUID
            + "00060008 0017 0018 0027 001f 00080002 0000"
            + "0003000c 00123401 00000e10 00001518  0019000c 00123401 00000e10 00001518");

    static final byte[] REQUEST = Golden.bytes(HEADERS.formatted("0097")
            + "0097 cde7 03523800 0001000e" + CLIENT_DUID
            + "0002000a 00030001020000000001 00060008 0017 0018 0027 001f 00080002 0000"
            + "00030028 00123401 00000e10 00001518  00050018 20010db8000100020000000000000005 00001c20 00001d4c"
            + "00190029 00123401 00000e10 00001518  001a0019 00001c20 00001d4c 38 20010db8800001000000000000000000");

    /** Where the message begins in a frame. */
    static final int MESSAGE = 62;

    static final ClientIdentifier CLIENT = new ClientIdentifier(new Duid(Golden.bytes(CLIENT_DUID)));
    static final ServerIdentifier SERVER = new ServerIdentifier(Duid.SERVER);

    private Dhcpv6Frames() {}

    static Dhcpv6Binding binding() {
        return binding(Optional.of(ADDRESS.address()), Optional.of(PREFIX));
    }

    static Dhcpv6Binding binding(Optional<Ipv6Address> address, Optional<Ipv6Prefix> delegated) {
        return new Dhcpv6Binding(
                GUEST,
                address,
                delegated,
                List.of(Ipv6Address.parse("2001:db8::53"), Ipv6Address.parse("2001:db8::54")),
                List.of("eng.example.com", "example.com"),
                List.of(Ipv6Address.parse("2001:db8::123")),
                Dhcpv6Binding.DEFAULT_PREFERRED_SECONDS,
                Dhcpv6Binding.DEFAULT_VALID_SECONDS);
    }

    /** A message of the client with its identifier, and the server's where it must be. */
    static Dhcpv6Message message(RequestType type, Dhcpv6Option... options) {
        List<Dhcpv6Option> all = new ArrayList<>(List.of(CLIENT));
        if (type.identifiers() == RequestType.Identifiers.CLIENT_AND_SERVER) {
            all.add(SERVER);
        }
        all.addAll(Arrays.asList(options));
        return new Dhcpv6Message(type.code(), 0x4feb36, all);
    }

    static IdentityAssociation association(AssociationType type, int iaid, Ipv6Prefix... named) {
        List<Dhcpv6Option> leases = Arrays.stream(named)
                .<Dhcpv6Option>map(resource -> new Lease(type.leaseCode(), resource, 7200, 7500))
                .toList();
        return new IdentityAssociation(type, iaid, 3600, 5400, leases);
    }

    static byte[] frame(Dhcpv6Message message) {
        return frame(message.encode());
    }

    static byte[] frame(byte[] message) {
        return frame(message, SOURCE, Dhcpv6Frame.ALL_SERVERS);
    }

    static byte[] frame(byte[] message, Ipv6Address source, Ipv6Address destination) {
        byte[] frame = Arrays.copyOf(SOLICIT, MESSAGE + message.length);
        System.arraycopy(message, 0, frame, MESSAGE, message.length);
        Ipv6Packet.writeHeader(
                MemorySegment.ofArray(frame), 14, 8 + message.length, Protocol.UDP, 1, source, destination);
        return sum(frame, 546, 547);
    }

    /** Gives a frame the ports, and the UDP checksum that goes with all of it. */
    static byte[] sum(byte[] frame, int sourcePort, int destinationPort) {
        MemorySegment bytes = MemorySegment.ofArray(frame);
        Ipv6Packet packet = new Ipv6Packet();
        packet.tryWrap(bytes, 14, frame.length - 14, frame.length - 14);
        int length = frame.length - 54;
        UdpHeader.writeHeader(
                bytes, 54, length, packet.pseudoHeader(Protocol.UDP, length), sourcePort, destinationPort);
        return frame;
    }
}
