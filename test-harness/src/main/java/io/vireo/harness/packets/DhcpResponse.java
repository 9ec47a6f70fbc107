package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A DHCP server's answer (RFC 2131; options RFC 2132) whose checksums are right.
 *
 * @param msgType option 53
 * @param xid the transaction, 32 bits as they stand on the wire
 * @param yourIp {@code yiaddr}
 * @param serverIp option 54, or {@code siaddr} where that option is missing
 * @param subnetMask option 1
 * @param router the first address of option 3
 * @param dnsServers option 6, in order
 * @param leaseTime option 51, seconds
 * @param mtu option 26, bytes
 * @param t1 option 58, seconds
 * @param t2 option 59, seconds
 * @param classlessRoutes option 121 (RFC 3442), in order
 * @param envelope the fields of fixed places
 * @param options all of them, those above among them
 */
public record DhcpResponse(
        DhcpMessageType msgType,
        int xid,
        Inet4Address yourIp,
        Inet4Address serverIp,
        Optional<Inet4Address> subnetMask,
        Optional<Inet4Address> router,
        List<Inet4Address> dnsServers,
        OptionalLong leaseTime,
        OptionalInt mtu,
        OptionalLong t1,
        OptionalLong t2,
        List<ClasslessRoute> classlessRoutes,
        DhcpEnvelope envelope,
        DhcpOptions options) {
    public DhcpResponse {
        dnsServers = List.copyOf(dnsServers);
        classlessRoutes = List.copyOf(classlessRoutes);
    }
}
