package io.vireo.protocols.dhcp;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.openhft.chronicle.bytes.Bytes;

/** What a server puts into a reply (RFC 2131 section 4.3.1, table 3). Stateless. */
final class DhcpReply {
    private static final Ipv4Address UNSPECIFIED = new Ipv4Address(0);

    private DhcpReply() {}

    static DhcpMessage offer(DhcpMessage request, DhcpBinding binding) {
        return lease(request, binding, DhcpMessageType.OFFER, 0);
    }

    static DhcpMessage ack(DhcpMessage request, DhcpBinding binding) {
        return lease(request, binding, DhcpMessageType.ACK, request.ciaddr());
    }

    private static DhcpMessage lease(DhcpMessage request, DhcpBinding binding, DhcpMessageType type, int ciaddr) {
        Map<Integer, byte[]> options = identity(binding, type);
        addLeaseTimes(options, binding.leaseSeconds());
        // RFC 2132 section 3.3: the mask precedes the router.
        Ipv4Address router = binding.serverIdentifier();
        int mask = binding.routed() ? -1 : binding.network().mask();
        options.put(DhcpOption.SUBNET_MASK, u32(mask));
        options.put(DhcpOption.ROUTER, router.toBytes());
        if (!binding.dns().isEmpty()) {
            options.put(DhcpOption.DOMAIN_NAME_SERVER, addresses(binding.dns()));
        }
        options.put(DhcpOption.INTERFACE_MTU, new byte[] {(byte) (binding.mtu() >>> 8), (byte) binding.mtu()});
        if (binding.routed()) {
            options.put(DhcpOption.CLASSLESS_STATIC_ROUTE, routesThrough(router));
        }
        echoClientIdentifier(request, options);
        int siaddr = binding.serverIdentifier().value();
        return reply(request, ciaddr, binding.address().value(), siaddr, request.flags(), options);
    }

    /** Names no address at all, which also makes it a broadcast ({@link DhcpFrame#seal}). */
    static DhcpMessage nak(DhcpMessage request, DhcpBinding binding) {
        Map<Integer, byte[]> options = identity(binding, DhcpMessageType.NAK);
        echoClientIdentifier(request, options);
        return reply(request, 0, 0, 0, request.flags(), options);
    }

    private static DhcpMessage reply(
            DhcpMessage request, int ciaddr, int yiaddr, int siaddr, int flags, Map<Integer, byte[]> options) {
        return new DhcpMessage(
                DhcpMessage.BOOTREPLY,
                DhcpMessage.ETHERNET,
                0,
                request.xid(),
                0,
                flags,
                ciaddr,
                yiaddr,
                siaddr,
                request.giaddr(),
                request.chaddr(),
                options);
    }

    private static Map<Integer, byte[]> identity(DhcpBinding binding, DhcpMessageType type) {
        Map<Integer, byte[]> options = new LinkedHashMap<>();
        options.put(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {(byte) type.code()});
        options.put(DhcpOption.SERVER_IDENTIFIER, binding.serverIdentifier().toBytes());
        return options;
    }

    /** T1 and T2 at the fractions of RFC 2131 section 4.4.5. */
    private static void addLeaseTimes(Map<Integer, byte[]> options, int seconds) {
        options.put(DhcpOption.IP_ADDRESS_LEASE_TIME, u32(seconds));
        options.put(DhcpOption.RENEWAL_TIME, u32(seconds / 2));
        options.put(DhcpOption.REBINDING_TIME, u32((int) (seconds * 7L / 8)));
    }

    /** RFC 6842: in every reply, so that a client sharing its hardware address can tell which is meant. */
    private static void echoClientIdentifier(DhcpMessage request, Map<Integer, byte[]> options) {
        request.option(DhcpOption.CLIENT_IDENTIFIER)
                .ifPresent(identifier -> options.put(DhcpOption.CLIENT_IDENTIFIER, identifier));
    }

    /** The router is on the link although no subnet says so; everything else is behind it. */
    private static byte[] routesThrough(Ipv4Address router) {
        return ClasslessRoute.encode(List.of(
                new ClasslessRoute(new Ipv4Prefix(router, 32), UNSPECIFIED),
                new ClasslessRoute(new Ipv4Prefix(UNSPECIFIED, 0), router)));
    }

    private static byte[] addresses(List<Ipv4Address> addresses) {
        Bytes<byte[]> out = Bytes.allocateElasticOnHeap();
        addresses.forEach(address -> out.write(address.toBytes()));
        return out.toByteArray();
    }

    private static byte[] u32(int value) {
        return new Ipv4Address(value).toBytes();
    }
}
