package io.vireo.appliance.config;

import io.vireo.router.config.Advertising;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.vsock.host.VsockGuest;
import java.util.List;
import java.util.stream.Collectors;

/** Every key of the file, and what may stand there in words. */
enum Key {
    RUNTIME_DIR("runtime-dir", "an absolute path of a directory that is writable or can be made"),
    STATE_DIR("state-dir", "an absolute path of a directory that is writable or can be made, no other Vireo's"),
    SOCKET_MODE("socket-mode", "an octal number in quotes, \"0000\" to \"0777\""),
    SOCKET_GROUP("socket-group", "name or number of an existing group"),
    REACTORS("reactors", "an integer, 1 to " + RouterConfig.MAX_REACTORS),
    IDLE("idle", "a mapping of the keys spin, mode"),
    SPIN("spin", "a whole number of ns, us, ms or s, such as 50us, at most 10s"),
    IDLE_MODE("mode", "adaptive or busy"),
    UPLINK("uplink", "a mapping of the keys tun, ipv4, ipv6, mtu"),
    TUN("tun", "the name of a network interface: 1 to " + UplinkConfig.MAX_NAME + " characters without space, / and :"),
    UPLINK_IPV4("ipv4", "a unicast IPv4 address outside every network that has the uplink"),
    UPLINK_IPV6("ipv6", "a unicast IPv6 address outside every network that has the uplink"),
    UPLINK_MTU("mtu", "an integer, " + VhostConfig.MIN_IPV6_MTU + " to " + VhostConfig.MAX_MTU),
    USER("user", "name or number of an existing user other than root, and root to start it"),
    TPM("tpm", "a mapping of one of the keys unix, device"),
    TPM_UNIX("unix", "an absolute path of at most " + VhostConfig.MAX_SOCKET_PATH_BYTES + " bytes"),
    TPM_DEVICE("device", "an absolute path, such as /dev/tpmrm0"),
    SERVICES("services", "a mapping of the keys enclave, vcomlink, migtd"),
    ENCLAVE("enclave", "a mapping of the key port"),
    VCOMLINK("vcomlink", "a mapping of the key port"),
    MIGTD("migtd", "a mapping of the keys port, connect, listen, framing"),
    PORT("port", "an integer, 1 to 4294967294, no other service's"),
    CONNECT("connect", Key.TCP_ADDRESS),
    LISTEN("listen", Key.TCP_ADDRESS),
    FRAMING("framing", "native, packet or raw"),
    NETWORKS("networks", "a list of at least one network"),
    GUESTS("guests", "a list of at least one guest"),
    NAME("name", "1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit, unique"),
    GUEST_NAME(
            "name",
            "1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit, unique, neither uplink nor blackhole"),
    IPV4_PREFIX(
            "ipv4",
            "a unicast prefix without host bits, length " + NetworkConfig.MIN_PREFIX_LENGTH + " to "
                    + NetworkConfig.MAX_PREFIX_LENGTH + ", such as 10.0.0.0/24"),
    ADDRESSING("addressing", "subnet or routed"),
    POOL("ipv4-pool", "first and last address of a range within ipv4 without the gateway's, 10.0.0.100-10.0.0.199"),
    LEASE(
            "lease",
            "a whole number of s, m, h or d, " + NetworkConfig.MIN_LEASE_SECONDS + "s to "
                    + NetworkConfig.MAX_LEASE_SECONDS / 86_400 + "d"),
    IPV6_PREFIX(
            "ipv6",
            "a unicast prefix without host bits, such as 2001:db8:1::/48; length " + Ipv6Network.MIN_LENGTH + " to "
                    + Ipv6Network.MAX_SLAAC_LENGTH + " with slaac, to " + Ipv6Network.MAX_DHCPV6_LENGTH
                    + " with dhcpv6"),
    IPV6_ADDRESSING("ipv6-addressing", "slaac or dhcpv6, beside ipv6"),
    DELEGATION("delegation", "a mapping of the keys prefix, length, beside ipv6"),
    DELEGATED_PREFIX(
            "prefix",
            "a unicast prefix without host bits, shorter than " + Delegation.MAX_LENGTH
                    + ", that does not overlap ipv6"),
    DELEGATED_LENGTH("length", "an integer, longer than the prefix, at most " + Delegation.MAX_LENGTH),
    RA("ra", "a mapping of the keys lifetime, interval, beside ipv6"),
    LIFETIME("lifetime", "0s, or a whole number of s, m or h, at most " + Advertising.MAX_LIFETIME_SECONDS + "s"),
    INTERVAL(
            "interval", "a whole number of s or m, at most " + Advertising.MAX_INTERVAL_SECONDS + "s and the lifetime"),
    DNS("dns", "a list of at most " + GuestInformation.MAX_SERVERS + " IPv4 and as many IPv6 addresses"),
    DOMAIN("domain", "a domain name"),
    SEARCH(
            "search",
            "a list of at most " + GuestInformation.MAX_SEARCH + " domain names, which have "
                    + GuestInformation.MAX_SEARCH_BYTES + " bytes on the wire"),
    NTP(
            "ntp",
            "a list of at most " + GuestInformation.MAX_SERVERS + " IPv4 and " + GuestInformation.MAX_NTP6
                    + " IPv6 addresses"),
    BOOT("boot", "a mapping of the keys server, file"),
    BOOT_SERVER("server", "a host name or an IPv4 address"),
    BOOT_FILE("file", "a path or URL of at most " + GuestInformation.MAX_BOOT_TEXT + " ASCII characters"),
    DHCP_OPTIONS(
            "dhcp-options",
            "a mapping of numbers to text, to hexadecimal digits such as hex:0a0b, or to a list of IPv4 addresses; not of "
                    + "what the protocol itself needs, and routes with a default one among them"),
    NETWORK_MTU("mtu", "an integer, " + Key.LEAST_MTU + " to " + VhostConfig.MAX_MTU),
    NETWORK_UPLINK(
            "uplink",
            "true or false; true beside uplink at the top, where no other network with it has the same addresses"),
    ROUTES("routes", "a list of mappings of the keys to, via"),
    ROUTE_TO("to", "a unicast prefix without host bits, each once, not within the network's own or a peer's"),
    ROUTE_VIA("via", "the name of a guest of this network, uplink (beside uplink at the top) or blackhole"),
    PEERS("peers", "a list of names of other networks, none of which has addresses of this one or of another peer"),
    NETWORK("network", "the name of one of the networks"),
    MAC("mac", "a unicast MAC such as \"52:54:00:12:34:01\", unique, not the gateway's"),
    IPV4_ADDRESS("ipv4", "an address of its network, unique there, not the gateway's; without it, one from ipv4-pool"),
    IPV6_ADDRESS("ipv6", "an address of its network's ipv6, unique there, not the gateway's"),
    GUEST_MTU("mtu", "an integer, " + Key.LEAST_MTU + " to the network's mtu"),
    QUEUES("queues", "an integer, 1 to " + VhostConfig.MAX_QUEUES),
    OFFLOADS("offloads", "true or false"),
    RATE("rate", "a mapping of the keys egress, ingress, egress-packets, ingress-packets, burst"),
    EGRESS("egress", Key.BITS),
    INGRESS("ingress", Key.BITS),
    EGRESS_PACKETS("egress-packets", Key.PACKETS),
    INGRESS_PACKETS("ingress-packets", Key.PACKETS),
    BURST("burst", "a whole number of ms or s, 1ms to 10s, beside a limit"),
    SOCKET(
            "socket",
            "a path of at most " + VhostConfig.MAX_SOCKET_PATH_BYTES
                    + " bytes when absolute, in an existing directory, unique, free or a stale socket"),
    MODE("mode", "server, where the guest's VMM connects, or client, where it listens"),
    VSOCK("vsock", "a mapping of the keys cid, socket, mode, uds, group"),
    CID("cid", "an integer, 3 to 4294967294, unique"),
    VSOCK_SOCKET("socket", SOCKET.allowed),
    UDS(
            "uds",
            "a path of at most " + VsockGuest.MAX_UDS_BYTES
                    + " bytes when absolute, in an existing directory, unique, free or a stale socket"),
    VSOCK_GROUP("group", "1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit");

    private static final String LEAST_MTU = VhostConfig.MIN_MTU + " (beside IPv6 " + VhostConfig.MIN_IPV6_MTU + ")";

    private static final String BITS =
            "a whole number of kbit, Mbit or Gbit a second, such as 500Mbit, 64kbit to 1000Gbit";

    private static final String PACKETS = "a whole number a second, with k or M for thousands or millions, 1 to 1000M";

    private static final String TCP_ADDRESS = "host and port, such as \"192.0.2.1:9001\" or \"[2001:db8::1]:9001\"";

    static final List<Key> TOP = List.of(
            RUNTIME_DIR,
            STATE_DIR,
            SOCKET_MODE,
            SOCKET_GROUP,
            REACTORS,
            IDLE,
            UPLINK,
            USER,
            TPM,
            SERVICES,
            NETWORKS,
            GUESTS);
    static final List<Key> OF_TPM = List.of(TPM_UNIX, TPM_DEVICE);
    static final List<Key> OF_SERVICES = List.of(ENCLAVE, VCOMLINK, MIGTD);
    static final List<Key> OF_SERVICE = List.of(PORT);
    static final List<Key> OF_MIGTD = List.of(PORT, CONNECT, LISTEN, FRAMING);
    static final List<Key> OF_VSOCK = List.of(CID, VSOCK_SOCKET, MODE, UDS, VSOCK_GROUP);
    static final List<Key> OF_IDLE = List.of(SPIN, IDLE_MODE);
    static final List<Key> OF_UPLINK = List.of(TUN, UPLINK_IPV4, UPLINK_IPV6, UPLINK_MTU);
    static final List<Key> OF_NETWORK = List.of(
            NAME,
            IPV4_PREFIX,
            ADDRESSING,
            POOL,
            LEASE,
            IPV6_PREFIX,
            IPV6_ADDRESSING,
            DELEGATION,
            RA,
            DNS,
            DOMAIN,
            SEARCH,
            NTP,
            BOOT,
            DHCP_OPTIONS,
            NETWORK_MTU,
            NETWORK_UPLINK,
            ROUTES,
            PEERS);
    static final List<Key> OF_ROUTE = List.of(ROUTE_TO, ROUTE_VIA);
    static final List<Key> OF_DELEGATION = List.of(DELEGATED_PREFIX, DELEGATED_LENGTH);
    static final List<Key> OF_RA = List.of(LIFETIME, INTERVAL);
    static final List<Key> OF_BOOT = List.of(BOOT_SERVER, BOOT_FILE);
    static final List<Key> OF_GUEST = List.of(
            GUEST_NAME,
            NETWORK,
            MAC,
            IPV4_ADDRESS,
            IPV6_ADDRESS,
            GUEST_MTU,
            QUEUES,
            OFFLOADS,
            RATE,
            SOCKET,
            MODE,
            VSOCK);
    static final List<Key> OF_RATE = List.of(EGRESS, INGRESS, EGRESS_PACKETS, INGRESS_PACKETS, BURST);

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
