package io.vireo.appliance.config;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.config.VhostConfig;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the file says of the uplink. */
final class UplinkReader {
    /** Whether there is anything, right or wrong: what needs the uplink then has one. */
    private final boolean isThere;

    private final @Nullable Located<String> tun;
    private final @Nullable Located<Ipv4Address> ipv4;
    private final @Nullable Located<Ipv6Address> ipv6;
    private final @Nullable Located<Integer> mtu;

    UplinkReader(Section top, Problems problems) {
        isThere = top.has(Key.UPLINK);
        Section section = top.section(Key.UPLINK, Key.OF_UPLINK);
        if (section == null) {
            tun = null;
            ipv4 = null;
            ipv6 = null;
            mtu = null;
            return;
        }
        section.require(Key.TUN);
        tun = problems.parse(section.text(Key.TUN), UplinkConfig::requireName, Key.TUN.allowed);
        ipv4 = problems.parse(
                section.text(Key.UPLINK_IPV4),
                text -> UplinkConfig.requireUnicast(Ipv4Address.parse(text)),
                Key.UPLINK_IPV4.allowed);
        ipv6 = problems.parse(
                section.text(Key.UPLINK_IPV6),
                text -> UplinkConfig.requireUnicast(Ipv6Address.parse(text)),
                Key.UPLINK_IPV6.allowed);
        mtu = section.integer(Key.UPLINK_MTU, VhostConfig.MIN_IPV6_MTU, VhostConfig.MAX_MTU);
    }

    /** The same as {@link #config}; and where its name is wrong, one that will do for what only needs to have an uplink. */
    Optional<UplinkConfig> orStandIn() {
        return isThere ? config().or(() -> Optional.of(UplinkConfig.of("uplink"))) : Optional.empty();
    }

    @Nullable
    Located<Ipv4Address> ipv4() {
        return ipv4;
    }

    @Nullable
    Located<Ipv6Address> ipv6() {
        return ipv6;
    }

    /** Empty where there is none, or its name is wrong. */
    Optional<UplinkConfig> config() {
        return Optional.ofNullable(tun)
                .map(name -> new UplinkConfig(
                        name.value(),
                        Optional.ofNullable(ipv4).map(Located::value),
                        Optional.ofNullable(ipv6).map(Located::value),
                        Located.orElse(mtu, VhostConfig.DEFAULT_MTU)));
    }
}
