package io.vireo.router.leases;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;

/** Clients and resources by number. */
final class Fixtures {
    static final String NETWORK = "default";

    private Fixtures() {}

    static Client client(int number) {
        return client(NETWORK, number);
    }

    static Client client(String network, int number) {
        return new Client(network, new MacAddress(0x5254_0012_0000L + number));
    }

    /** 10.0.0.{@code host} */
    static Resource ipv4(int host) {
        return Resource.of(new Ipv4Address(0x0a00_0000 + host));
    }

    static Resource delegated(String prefix) {
        return Resource.delegated(Ipv6Prefix.parse(prefix));
    }

    /** 10.0.0.{@code first} and so on. */
    static Pool pool(int first, int count) {
        return pool(NETWORK, first, count);
    }

    static Pool pool(String network, int first, int count) {
        return Pool.ipv4(network, ipv4(first).ipv4(), ipv4(first + count - 1).ipv4());
    }

    static Ipv6Address v6(String text) {
        return Ipv6Address.parse(text);
    }
}
