package io.vireo.appliance.config;

import io.vireo.router.NetworkConfig;
import io.vireo.router.RouterConfig;
import io.vireo.router.VhostConfig;
import java.util.List;
import java.util.stream.Collectors;

/** Every key of the file, and what may stand there in words. */
enum Key {
    RUNTIME_DIR("runtime-dir", "an absolute path of a directory that is writable or can be made"),
    SOCKET_MODE("socket-mode", "an octal number in quotes, \"0000\" to \"0777\""),
    SOCKET_GROUP("socket-group", "name or number of an existing group"),
    REACTORS("reactors", "an integer, 1 to " + RouterConfig.MAX_REACTORS),
    IDLE("idle", "a mapping of the keys spin, mode"),
    SPIN("spin", "a whole number of ns, us, ms or s, such as 50us, at most 10s"),
    IDLE_MODE("mode", "adaptive or busy"),
    NETWORKS("networks", "a list of at least one network"),
    GUESTS("guests", "a list of at least one guest"),
    NAME("name", "1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit, unique"),
    IPV4_PREFIX(
            "ipv4",
            "a unicast prefix without host bits, length " + NetworkConfig.MIN_PREFIX_LENGTH + " to "
                    + NetworkConfig.MAX_PREFIX_LENGTH + ", such as 10.0.0.0/24"),
    ADDRESSING("addressing", "subnet or routed"),
    DNS("dns", "a list of at most " + VhostConfig.MAX_DNS + " IPv4 addresses"),
    NETWORK_MTU("mtu", "an integer, " + VhostConfig.MIN_MTU + " to " + VhostConfig.MAX_MTU),
    NETWORK("network", "the name of one of the networks"),
    MAC("mac", "a unicast MAC such as \"52:54:00:12:34:01\", unique, not the gateway's"),
    IPV4_ADDRESS("ipv4", "an address of its network, unique there, not the gateway's"),
    GUEST_MTU("mtu", "an integer, " + VhostConfig.MIN_MTU + " to the network's mtu"),
    QUEUES("queues", "an integer, 1 to " + VhostConfig.MAX_QUEUES),
    OFFLOADS("offloads", "true or false"),
    SOCKET(
            "socket",
            "a path of at most " + VhostConfig.MAX_SOCKET_PATH_BYTES
                    + " bytes when absolute, in an existing directory, unique, free or a stale socket");

    static final List<Key> TOP = List.of(RUNTIME_DIR, SOCKET_MODE, SOCKET_GROUP, REACTORS, IDLE, NETWORKS, GUESTS);
    static final List<Key> OF_IDLE = List.of(SPIN, IDLE_MODE);
    static final List<Key> OF_NETWORK = List.of(NAME, IPV4_PREFIX, ADDRESSING, DNS, NETWORK_MTU);
    static final List<Key> OF_GUEST = List.of(NAME, NETWORK, MAC, IPV4_ADDRESS, GUEST_MTU, QUEUES, OFFLOADS, SOCKET);

    final String text;
    final String allowed;

    Key(String text, String allowed) {
        this.text = text;
        this.allowed = allowed;
    }

    static String names(List<Key> keys) {
        return keys.stream().map(key -> key.text).collect(Collectors.joining(", "));
    }
}
