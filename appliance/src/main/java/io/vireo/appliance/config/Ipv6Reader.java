package io.vireo.appliance.config;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what a network's section says of IPv6. */
final class Ipv6Reader {
    private final Section section;
    private final Problems problems;

    Ipv6Reader(Section section, Problems problems) {
        this.section = section;
        this.problems = problems;
    }

    /** Null where there is none, or it is wrong. */
    @Nullable
    Ipv6Network read() {
        if (!section.has(Key.IPV6_PREFIX)) {
            for (Key key : List.of(Key.IPV6_ADDRESSING, Key.DELEGATION, Key.RA)) {
                section.refuse(key, "is there without ipv6");
            }
            return null;
        }
        Located<Ipv6Prefix> prefix = problems.parse(
                section.text(Key.IPV6_PREFIX),
                text -> Ipv6Network.requireUnicast(Ipv6Prefix.parse(text)),
                Key.IPV6_PREFIX.allowed);
        Ipv6Addressing addressing = section.oneOf(Key.IPV6_ADDRESSING, Ipv6Addressing.SLAAC);
        Advertising advertising = advertising();
        Located<Delegation> delegation = delegation();
        if (addressing == null) {
            return null;
        }
        Located<Ipv6Network> network = problems.parse(
                prefix,
                its -> new Ipv6Network(its, addressing, Optional.empty(), advertising),
                Key.IPV6_PREFIX.allowed);
        if (network == null) {
            return null;
        }
        Ipv6Network plain = network.value();
        return Located.orElse(problems.parse(delegation, plain::withDelegation, Key.DELEGATED_PREFIX.allowed), plain);
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
        Advertising advertising = Located.orElse(lifetime, Advertising.DEFAULT);
        Located<Advertising> interval = problems.parse(
                ra.text(Key.INTERVAL),
                text -> new Advertising(advertising.lifetimeSeconds(), Durations.parseSeconds(text)),
                Key.INTERVAL.allowed);
        return Located.orElse(interval, advertising);
    }

    /** At the place of its prefix. */
    private @Nullable Located<Delegation> delegation() {
        Section delegation = section.section(Key.DELEGATION, Key.OF_DELEGATION);
        if (delegation == null) {
            return null;
        }
        delegation.require(Key.DELEGATED_PREFIX);
        delegation.require(Key.DELEGATED_LENGTH);
        Located<Ipv6Prefix> prefix = problems.parse(
                delegation.text(Key.DELEGATED_PREFIX),
                text -> Delegation.requireDivisible(Ipv6Prefix.parse(text)),
                Key.DELEGATED_PREFIX.allowed);
        Located<Integer> length = delegation.integer(Key.DELEGATED_LENGTH, 1, Delegation.MAX_LENGTH);
        if (prefix == null) {
            return null;
        }
        Located<Delegation> whole =
                problems.parse(length, its -> new Delegation(prefix.value(), its), Key.DELEGATED_LENGTH.allowed);
        return whole == null ? null : prefix.with(whole.value());
    }
}
