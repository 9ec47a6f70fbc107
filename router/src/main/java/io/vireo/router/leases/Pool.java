package io.vireo.router.leases;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.math.BigInteger;

/**
 * The resources that a network gives to whoever asks: blocks of one length, one after the other.
 *
 * @param first the first block's address
 * @param last the last block's address
 * @param length each block's prefix length, 128 for single addresses
 */
public record Pool(String network, Kind kind, Ipv6Address first, Ipv6Address last, int length) {
    private static final int ADDRESS = 128;
    private static final int OWN_PREFIX = 64;

    /** Below are a subnet's well-known hosts: the gateway, and what people number by hand. */
    private static final int FIRST_HOST = 0x1000;

    public Pool {
        Resource lowest = new Resource(kind, new Ipv6Prefix(first, length)); // that it is one is checked there
        Resource highest = new Resource(kind, new Ipv6Prefix(last, length));
        if (first.compareTo(last) > 0) {
            throw new IllegalArgumentException(
                    "the pool ends with %s, before its first, %s".formatted(highest, lowest));
        }
    }

    public static Pool ipv4(String network, Ipv4Address first, Ipv4Address last) {
        return new Pool(network, Kind.IPV4, Resource.mapped(first), Resource.mapped(last), ADDRESS);
    }

    public static Pool ipv6Addresses(String network, Ipv6Address first, Ipv6Address last) {
        return new Pool(network, Kind.IPV6_ADDRESS, first, last, ADDRESS);
    }

    /** The addresses of a subnet from its {@code ::1000} on; {@link IllegalArgumentException} if it has none. */
    public static Pool ipv6Addresses(String network, Ipv6Prefix subnet) {
        Ipv6Address first =
                new Ipv6Address(subnet.address().high(), subnet.address().low() + FIRST_HOST);
        if (!subnet.contains(first)) {
            throw new IllegalArgumentException("%s has no address ::1000 for its pool to begin with".formatted(subnet));
        }
        return ipv6Addresses(network, first, last(subnet, ADDRESS));
    }

    /** The /64s of a prefix but its first, which is the gateway's; {@link IllegalArgumentException} if there is no other. */
    public static Pool ownPrefixes(String network, Ipv6Prefix prefix) {
        if (prefix.length() >= OWN_PREFIX) {
            throw new IllegalArgumentException("%s has no /64 for guests beside its first".formatted(prefix));
        }
        Ipv6Address first = new Ipv6Address(prefix.address().high() + 1, 0);
        return new Pool(network, Kind.IPV6_PREFIX, first, last(prefix, OWN_PREFIX), OWN_PREFIX);
    }

    /** The prefixes of a length within one; {@link IllegalArgumentException} if that one is longer itself. */
    public static Pool delegated(String network, Ipv6Prefix prefix, int length) {
        if (length < prefix.length() || length > ADDRESS) {
            throw new IllegalArgumentException("%s has no prefixes of length %d".formatted(prefix, length));
        }
        return new Pool(network, Kind.DELEGATED_PREFIX, prefix.address(), last(prefix, length), length);
    }

    /** The address of the last block of that length within a prefix. */
    private static Ipv6Address last(Ipv6Prefix prefix, int length) {
        long high = prefix.address().high();
        long low = prefix.address().low();
        if (prefix.length() < Long.SIZE) {
            high |= -1L >>> prefix.length();
            low = -1;
        } else if (prefix.length() < ADDRESS) {
            low |= -1L >>> (prefix.length() - Long.SIZE);
        }
        return Ipv6Prefix.of(new Ipv6Address(high, low), length).address();
    }

    /** How many blocks there are; more than a long can tell are {@link Long#MAX_VALUE}, which nobody will exhaust. */
    public long size() {
        BigInteger count = number(last)
                .subtract(number(first))
                .shiftRight(ADDRESS - length)
                .add(BigInteger.ONE);
        return count.bitLength() < Long.SIZE ? count.longValue() : Long.MAX_VALUE;
    }

    private static BigInteger number(Ipv6Address address) {
        return new BigInteger(1, address.toBytes());
    }

    /** @param index from 0 on, less than {@link #size} */
    Resource get(long index) {
        BigInteger address = number(first).add(BigInteger.valueOf(index).shiftLeft(ADDRESS - length));
        Ipv6Address value = new Ipv6Address(address.shiftRight(Long.SIZE).longValue(), address.longValue());
        return new Resource(kind, new Ipv6Prefix(value, length));
    }

    boolean contains(Resource resource) {
        return resource.kind() == kind
                && resource.block().length() == length
                && first.compareTo(resource.block().address()) <= 0
                && last.compareTo(resource.block().address()) >= 0;
    }

    /** Whether any address is both in the pool and in the resource, whatever its kind. */
    boolean overlaps(Resource resource) {
        Ipv6Prefix block = resource.block();
        return first.compareTo(last(block, ADDRESS)) <= 0 && end().compareTo(block.address()) >= 0;
    }

    boolean overlaps(Pool other) {
        return first.compareTo(other.end()) <= 0 && end().compareTo(other.first) >= 0;
    }

    /** The last address of the last block. */
    private Ipv6Address end() {
        return last(new Ipv6Prefix(last, length), ADDRESS);
    }
}
