package io.vireo.router.dataplane;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Optional;

/** Networks as tests want them: 10.0.0.0/24 and 2001:db8:1::/48. */
public final class Networks {
    static final Ipv4Prefix IPV4 = Ipv4Prefix.parse("10.0.0.0/24");
    static final Ipv6Prefix IPV6 = Ipv6Prefix.parse("2001:db8:1::/48");

    private Networks() {}

    public static Network subnet(String name) {
        return network(name, false);
    }

    static Network network(String name, boolean routed) {
        Ipv4Address gateway = new Ipv4Address(IPV4.address().value() + 1);
        return new Network(name, IPV4, gateway, routed, Optional.of(IPV6));
    }
}
