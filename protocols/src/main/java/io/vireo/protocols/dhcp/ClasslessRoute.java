package io.vireo.protocols.dhcp;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;

/**
 * A route of option 121 (RFC 3442): prefix length, the destination's significant octets, router.
 *
 * @param router 0.0.0.0: the destination is on the link
 */
record ClasslessRoute(Ipv4Prefix destination, Ipv4Address router) {
    /** The value of the option. */
    static byte[] encode(List<ClasslessRoute> routes) {
        Bytes<byte[]> out = Bytes.allocateElasticOnHeap();
        for (ClasslessRoute route : routes) {
            int length = route.destination().length();
            int significantOctets = (length + 7) / 8;
            out.writeUnsignedByte(length);
            out.write(route.destination().address().toBytes(), 0, significantOctets);
            out.write(route.router().toBytes());
        }
        return out.toByteArray();
    }
}
