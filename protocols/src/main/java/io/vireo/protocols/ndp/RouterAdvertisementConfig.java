package io.vireo.protocols.ndp;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.List;
import java.util.Optional;

/**
 * What a guest is told by router advertisements. Durations are in seconds.
 *
 * @param lifetimeSeconds for how long the gateway is a default router, 0 (not one, or no longer) to 65535 (RFC 8319)
 * @param managed M: addresses are had by DHCPv6
 * @param other O: other configuration is had by DHCPv6
 * @param prefix the guest's; never on-link, as everything passes the gateway
 * @param autonomous A: the guest makes itself addresses in the prefix, which has to be a /64 (RFC 4862 section 5.5.3)
 * @param validSeconds of addresses within the prefix
 * @param preferredSeconds of addresses within the prefix, no more than they are valid
 * @param mtu of the link, or zero: not told
 * @param dns servers, possibly none
 * @param search domains, possibly none
 * @param dnsSeconds for how long servers and domains may be used: three times the interval of advertisements at least (RFC
 *     8106 section 5.1), zero with a router that ceases
 * @param hopLimit for the guest's own packets, or zero: not told
 */
public record RouterAdvertisementConfig(
        int lifetimeSeconds,
        boolean managed,
        boolean other,
        Optional<Ipv6Prefix> prefix,
        boolean autonomous,
        int validSeconds,
        int preferredSeconds,
        int mtu,
        List<Ipv6Address> dns,
        List<String> search,
        int dnsSeconds,
        int hopLimit) {
    private static final int LONGEST_LIFETIME = 65535;
    private static final int SMALLEST_MTU = 1280;
    private static final int AUTONOMOUS_LENGTH = 64;

    /** An advertisement is never fragmented (RFC 6980), so it has to fit into the smallest MTU. */
    private static final int LONGEST_PACKET = SMALLEST_MTU;

    /**
     * @throws IllegalArgumentException for what the wire format has no room for, what guests would ignore, and what is no
     *     domain name
     */
    public RouterAdvertisementConfig {
        dns = List.copyOf(dns);
        search = List.copyOf(search);
        require(
                lifetimeSeconds >= 0 && lifetimeSeconds <= LONGEST_LIFETIME,
                "a router lifetime of %d s is not within 0 to 65535".formatted(lifetimeSeconds));
        require(hopLimit >= 0 && hopLimit <= 255, "a hop limit of %d is not within 0 to 255".formatted(hopLimit));
        require(
                preferredSeconds >= 0 && preferredSeconds <= validSeconds,
                "a preferred lifetime of %d s is not within 0 to the valid lifetime of %d s"
                        .formatted(preferredSeconds, validSeconds));
        require(dnsSeconds >= 0, "a lifetime of %d s is negative".formatted(dnsSeconds));
        require(
                mtu == 0 || (mtu >= SMALLEST_MTU && mtu <= 65535),
                "an MTU of %d is not within 1280 to 65535".formatted(mtu));
        require(
                !autonomous || prefix.isEmpty() || prefix.get().length() == AUTONOMOUS_LENGTH,
                "a prefix for autonomous addresses has to be a /64: " + prefix);
        int length = RouterAdvertisement.packetLength(prefix, mtu, dns, DomainNames.encode(search).length);
        require(
                length <= LONGEST_PACKET,
                "%d DNS servers and %d search domains need an advertisement of %d bytes, above %d"
                        .formatted(dns.size(), search.size(), length, LONGEST_PACKET));
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** The same of a gateway that is going away (RFC 4861 section 6.2.5): routers and DNS servers of lifetime zero. */
    public RouterAdvertisementConfig ceasing() {
        return new RouterAdvertisementConfig(
                0, managed, other, prefix, autonomous, validSeconds, preferredSeconds, mtu, dns, search, 0, hopLimit);
    }
}
