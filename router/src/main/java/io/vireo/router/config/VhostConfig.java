package io.vireo.router.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.linux.UnixSocket;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.vhostuser.backend.VhostUserSocket;
import java.nio.file.Path;
import java.util.List;

/**
 * One guest's port: the vhost-user socket where its VMM is met, and what it is there.
 *
 * <p>Begin with {@link #of} and refine with the {@code with} methods, each of which returns a changed copy. Immutable;
 * all throw {@link IllegalArgumentException} naming what is wrong. What the guest's network has to say, such as the
 * range of its addresses, {@link RouterConfig} checks.
 *
 * @param name letters, digits, dot, underscore and hyphen, at most 63, beginning with a letter or digit
 * @param network the name of a {@link NetworkConfig}
 * @param socket where the guest's VMM connects, or listens; at most {@value #MAX_SOCKET_PATH_BYTES} bytes when absolute
 *     (unix(7))
 * @param mac the only source MAC the guest may use; unicast
 * @param ipv4 the only source address the guest may use, and the one it leases; 0.0.0.0: one from the network's pool
 * @param ipv6 the address the guest leases; unspecified: any that is free. Where guests have a /64, it is the one that the
 *     address is in
 * @param mtu bytes of the largest IP packet, {@value #MIN_MTU} to {@value #MAX_MTU}, and at least {@value #MIN_IPV6_MTU} where
 *     the network has IPv6
 * @param information what the guest is told beside its addresses
 * @param queues pairs of queues the guest may use, 1 to {@value #MAX_QUEUES}
 * @param offloads whether checksum and segmentation offloads are offered to the guest
 * @param rate how much the guest may send and be given
 */
public record VhostConfig(
        String name,
        String network,
        VhostUserSocket socket,
        MacAddress mac,
        Ipv4Address ipv4,
        Ipv6Address ipv6,
        int mtu,
        GuestInformation information,
        int queues,
        boolean offloads,
        Rate rate) {
    /** What every host must accept (RFC 791, 3.1), and thus what a DHCP message may need (RFC 2131, 2). */
    public static final int MIN_MTU = 576;

    public static final int MAX_MTU = 65535;

    /** Where there is IPv6 (RFC 8200, 5). */
    public static final int MIN_IPV6_MTU = 1280;

    public static final int DEFAULT_MTU = 1500;

    public static final int MAX_QUEUES = 8;

    public static final int MAX_SOCKET_PATH_BYTES = UnixSocket.MAX_PATH_BYTES;

    public static final String DEFAULT_NETWORK = "default";

    /** What stands for an address of the network's pool. */
    public static final Ipv4Address FROM_POOL = new Ipv4Address(0);

    private static final String SOCKET_SUFFIX = ".sock";

    public VhostConfig {
        requireName(name);
        NetworkConfig.requireName(network);
        requireUsable(socket.path());
        requireUsable(mac);
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu " + mtu + " is not within " + MIN_MTU + " to " + MAX_MTU);
        }
        if (queues < 1 || queues > MAX_QUEUES) {
            throw new IllegalArgumentException("queues " + queues + " is not within 1 to " + MAX_QUEUES);
        }
    }

    /**
     * A guest whose VMM connects to this socket, named after its file name (without a final {@code .sock}), in network
     * "default", with an MTU of 1500, no name servers, one pair of queues, offloads, no limits and no address of its own.
     */
    public static VhostConfig of(Path socket, MacAddress mac) {
        Path file = socket.getFileName();
        if (file == null) {
            throw new IllegalArgumentException("socket path " + socket + " has no file name");
        }
        String name = file.toString();
        if (name.endsWith(SOCKET_SUFFIX)) {
            name = name.substring(0, name.length() - SOCKET_SUFFIX.length());
        }
        return new VhostConfig(
                name,
                DEFAULT_NETWORK,
                VhostUserSocket.server(socket),
                mac,
                FROM_POOL,
                Ipv6Address.UNSPECIFIED,
                DEFAULT_MTU,
                GuestInformation.NONE,
                1,
                true,
                Rate.UNLIMITED);
    }

    public VhostConfig withName(String name) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withSocket(VhostUserSocket socket) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withNetwork(String network) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withIpv4(Ipv4Address ipv4) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withMtu(int mtu) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withIpv6(Ipv6Address ipv6) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    /** Tells the guest of these name servers, and else what it is told already. */
    public VhostConfig withDns(List<Ipv4Address> dns) {
        return withInformation(information.withDns(dns));
    }

    public VhostConfig withInformation(GuestInformation information) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withQueues(int queues) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withOffloads(boolean offloads) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    public VhostConfig withRate(Rate rate) {
        return new VhostConfig(name, network, socket, mac, ipv4, ipv6, mtu, information, queues, offloads, rate);
    }

    /** Whether its IPv4 address is its own; else it leases one from the network's pool. */
    public boolean hasIpv4() {
        return !ipv4.equals(FROM_POOL);
    }

    public boolean hasIpv6() {
        return !ipv6.equals(Ipv6Address.UNSPECIFIED);
    }

    /** Returns the name if a guest may have it. @throws IllegalArgumentException naming what may */
    public static String requireName(String name) {
        return Names.require("guest", name);
    }

    /**
     * Returns the MAC if a guest may have it.
     *
     * @throws IllegalArgumentException if it is multicast (IEEE 802, the I/G bit), all zeros or the gateway's
     */
    public static MacAddress requireUsable(MacAddress mac) {
        if (mac.isMulticast()) {
            throw new IllegalArgumentException(mac + " is a multicast address");
        }
        if (mac.value() == 0) {
            throw new IllegalArgumentException(mac + " is no address: all zeros");
        }
        if (mac.value() == Gateway.GATEWAY_MAC) {
            throw new IllegalArgumentException(mac + " is the gateway's address");
        }
        return mac;
    }

    /**
     * Returns the path if it can be a socket's.
     *
     * @throws IllegalArgumentException if its absolute form is longer than the kernel takes
     */
    public static Path requireUsable(Path socket) {
        int bytes = socket.toAbsolutePath().toString().getBytes(UTF_8).length;
        if (bytes > MAX_SOCKET_PATH_BYTES) {
            throw new IllegalArgumentException("socket path " + socket + " has " + bytes
                    + " bytes when absolute, more than " + MAX_SOCKET_PATH_BYTES);
        }
        return socket;
    }
}
