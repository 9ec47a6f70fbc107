package io.vireo.appliance.config;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads one network: what it is, and what its guests are told. */
final class NetworkReader {
    private static final int MAX_BOOT_FILE = 127;

    private final Section section;
    private final @Nullable Located<String> name;
    private final Problems problems;

    /** @param name as it stands there; read once, as each reading reports what is wrong with it */
    NetworkReader(Section section, @Nullable Located<String> name, Problems problems) {
        this.section = section;
        this.name = name;
        this.problems = problems;
    }

    /** Null, and a problem, where any part of it is wrong. */
    @Nullable
    NetworkConfig network() {
        section.require(Key.NAME);
        section.require(Key.IPV4_PREFIX);
        Located<String> itsName = problems.parse(name, NetworkConfig::requireName, Key.NAME.allowed);
        Located<Ipv4Prefix> prefix = problems.parse(
                section.text(Key.IPV4_PREFIX),
                text -> NetworkConfig.requireUsable(Ipv4Prefix.parse(text)),
                Key.IPV4_PREFIX.allowed);
        Located<Addressing> addressing = oneOf(Key.ADDRESSING, Addressing.SUBNET, Addressing.values());
        Located<Ipv4Range> pool = problems.parse(section.text(Key.POOL), Ipv4Range::parse, Key.POOL.allowed);
        Located<Integer> lease = problems.parse(
                section.text(Key.LEASE),
                text -> NetworkConfig.requireUsable(Durations.parseSeconds(text)),
                Key.LEASE.allowed);
        Optional<Ipv6Network> ipv6 = ipv6();
        if (itsName == null || prefix == null || addressing == null) {
            return null;
        }
        NetworkConfig config = new NetworkConfig(itsName.value(), prefix.value(), addressing.value());
        if (lease != null) {
            config = config.withLeaseSeconds(lease.value());
        }
        if (ipv6.isPresent()) {
            config = config.withIpv6(ipv6.get());
        }
        if (pool == null) {
            return section.has(Key.POOL) ? null : config;
        }
        Located<NetworkConfig> whole = problems.parse(pool, config::withPool, Key.POOL.allowed);
        return whole == null ? null : whole.value();
    }

    // ---- IPv6

    private Optional<Ipv6Network> ipv6() {
        Located<Ipv6Prefix> prefix = problems.parse(
                section.text(Key.IPV6_PREFIX),
                text -> Ipv6Network.requireUnicast(Ipv6Prefix.parse(text)),
                Key.IPV6_PREFIX.allowed);
        Located<Ipv6Addressing> addressing = oneOf(Key.IPV6_ADDRESSING, Ipv6Addressing.SLAAC, Ipv6Addressing.values());
        Advertising advertising = advertising();
        Located<Delegation> delegation = delegation();
        if (prefix == null || addressing == null) {
            if (!section.has(Key.IPV6_PREFIX)) {
                for (Key key : List.of(Key.IPV6_ADDRESSING, Key.DELEGATION, Key.RA)) {
                    section.refuse(key, "is there without ipv6");
                }
            }
            return Optional.empty();
        }
        Located<Ipv6Network> network = problems.parse(
                prefix,
                its -> new Ipv6Network(its, addressing.value(), Optional.empty(), advertising),
                Key.IPV6_PREFIX.allowed);
        if (network != null && delegation != null) {
            network = problems.parse(
                    delegation,
                    its -> new Ipv6Network(prefix.value(), addressing.value(), Optional.of(its), advertising),
                    Key.DELEGATED_PREFIX.allowed);
        }
        return Optional.ofNullable(network).map(Located::value);
    }

    private Advertising advertising() {
        Section ra = section.section(Key.RA, Key.OF_RA);
        if (ra == null) {
            return Advertising.DEFAULT;
        }
        Located<Advertising> lifetime = problems.parse(
                ra.text(Key.LIFETIME),
                text -> Advertising.ofLifetime(Durations.parseSeconds(text)),
                Key.LIFETIME.allowed);
        Advertising advertising = lifetime == null ? Advertising.DEFAULT : lifetime.value();
        Located<Advertising> interval = problems.parse(
                ra.text(Key.INTERVAL),
                text -> new Advertising(advertising.lifetimeSeconds(), Durations.parseSeconds(text)),
                Key.INTERVAL.allowed);
        return interval == null ? advertising : interval.value();
    }

    private @Nullable Located<Delegation> delegation() {
        Section delegation = section.section(Key.DELEGATION, Key.OF_DELEGATION);
        if (delegation == null) {
            return null;
        }
        delegation.require(Key.DELEGATED_PREFIX);
        delegation.require(Key.DELEGATED_LENGTH);
        Located<Integer> length = delegation.integer(Key.DELEGATED_LENGTH, 1, Delegation.MAX_LENGTH);
        return length == null
                ? null
                : problems.parse(
                        delegation.text(Key.DELEGATED_PREFIX),
                        text -> new Delegation(Ipv6Prefix.parse(text), length.value()),
                        Key.DELEGATED_PREFIX.allowed);
    }

    // ---- what guests are told

    GuestInformation information() {
        List<Ipv4Address> dns = new ArrayList<>();
        List<Ipv6Address> dns6 = new ArrayList<>();
        readAddresses(Key.DNS, dns, dns6);
        List<Ipv4Address> ntp = new ArrayList<>();
        List<Ipv6Address> ntp6 = new ArrayList<>();
        readAddresses(Key.NTP, ntp, ntp6);
        Optional<String> domain =
                value(problems.parse(section.text(Key.DOMAIN), GuestInformation::requireDomain, Key.DOMAIN.allowed));
        Section boot = section.section(Key.BOOT, Key.OF_BOOT);
        return new GuestInformation(
                dns,
                dns6,
                domain,
                search(),
                ntp,
                ntp6,
                boot == null ? Optional.empty() : bootText(boot, Key.BOOT_SERVER),
                boot == null ? Optional.empty() : bootText(boot, Key.BOOT_FILE),
                options());
    }

    private void readAddresses(Key key, List<Ipv4Address> v4, List<Ipv6Address> v6) {
        for (Located<String> text : section.texts(key)) {
            if (text.value().indexOf(':') >= 0) {
                add(problems.parse(text, Ipv6Address::parse, key.allowed), v6, key, GuestInformation.MAX_SERVERS);
            } else {
                add(problems.parse(text, Ipv4Address::parse, key.allowed), v4, key, GuestInformation.MAX_SERVERS);
            }
        }
    }

    /** Adds what was read, or, the first time that it is one too many, a problem. */
    private <T> void add(@Nullable Located<T> item, List<T> to, Key key, int most) {
        if (item == null) {
            return;
        }
        if (to.size() == most) {
            problems.add(item, "is one too many", key.allowed);
        } else {
            to.add(item.value());
        }
    }

    private List<String> search() {
        List<String> search = new ArrayList<>();
        for (Located<String> text : section.texts(Key.SEARCH)) {
            Located<String> name = problems.parse(text, GuestInformation::requireDomain, Key.SEARCH.allowed);
            add(name, search, Key.SEARCH, GuestInformation.MAX_SEARCH);
        }
        return search;
    }

    private Optional<String> bootText(Section boot, Key key) {
        return value(problems.parse(boot.text(key), NetworkReader::requirePrintable, key.allowed));
    }

    private static String requirePrintable(String text) {
        if (!text.matches("[!-~]{1," + MAX_BOOT_FILE + "}")) {
            throw new IllegalArgumentException("\"" + text + "\" is empty, too long or not printable ASCII");
        }
        return text;
    }

    private Map<Integer, byte[]> options() {
        Located<Node> node = section.node(Key.DHCP_OPTIONS);
        return node == null ? Map.of() : new DhcpOptionsReader(problems).read(node);
    }

    // ---- shapes

    private <E extends Enum<E>> @Nullable Located<E> oneOf(Key key, E otherwise, E[] all) {
        Located<String> text = section.text(key);
        return text == null && !section.has(key)
                ? new Located<>(otherwise, 0, "")
                : problems.parse(text, name -> named(name, all), key.allowed);
    }

    private static <E extends Enum<E>> E named(String name, E[] all) {
        for (E value : all) {
            if (value.name().toLowerCase(Locale.ROOT).equals(name)) {
                return value;
            }
        }
        throw new IllegalArgumentException("unknown: " + name);
    }

    private static <T> Optional<T> value(@Nullable Located<T> located) {
        return located == null ? Optional.empty() : Optional.of(located.value());
    }
}
