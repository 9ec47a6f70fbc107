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
    private static final int MAXIMUM_PREFIX_LENGTH = 32;

    /** The value of the option. */
    static byte[] encode(List<ClasslessRoute> routes) {
        Bytes<byte[]> out = Bytes.allocateElasticOnHeap();
        for (ClasslessRoute route : routes) {
            int length = route.destination().length();
            out.writeUnsignedByte(length);
            out.write(route.destination().address().toBytes(), 0, significantOctets(length));
            out.write(route.router().toBytes());
        }
        return out.toByteArray();
    }

    /** Whether a value of the option is whole and has a route to 0.0.0.0/0. */
    static boolean hasDefault(byte[] value) {
        boolean found = false;
        int at = 0;
        while (at < value.length) {
            int length = value[at] & 0xFF;
            if (length > MAXIMUM_PREFIX_LENGTH) {
                return false;
            }
            found |= length == 0;
            at += 1 + significantOctets(length) + Integer.BYTES;
        }
        return found && at == value.length;
    }

    private static int significantOctets(int prefixLength) {
        return (prefixLength + 7) / 8;
    }
}
